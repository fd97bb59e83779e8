"""Custom actions: one per file. They decide what to say; the words stand in data/ and data/clinic.yml."""
