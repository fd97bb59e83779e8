"""What lets Rasa 3.6.21 run without TensorFlow on a current Python.

`install.py` writes a `.pth` file into the environment; that file imports `hook.py` at every start of Python; the hook
answers imports of the eight Rasa modules that need TensorFlow with placeholders. Nothing of Rasa is changed on disk.
"""
