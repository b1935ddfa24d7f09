"""What is left on a disk is whole or not there: the operations that training's safety rests on.

Files, in reading order:

* `files.py`: every change that a training makes on a disk, each a thin operation
* `atomic.py`: files and folders that appear whole or not at all
* `tensors.py`: named arrays in one safetensors file, checksummed and memory-mapped
* `mapped.py`: arrays that are maps of files, and how their memory is handed back
* `folders.py`: folders with all that is in them
* `lock.py`: a lock on a folder that ends with the process that holds it
"""
