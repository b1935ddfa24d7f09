"""Files and folders that are on the disk whole or not at all.

Files, in reading order:

* `files.py`: the operations that change a disk, one thin function each
* `atomic.py`: files and folders that appear whole or not at all
* `tensors.py`: named arrays in one safetensors file, checksummed and memory-mapped
* `mapped.py`: releasing the memory of arrays that are maps of files
* `folders.py`: making and removing folders with their contents
* `lock.py`: a lock on a folder that ends when its process ends
"""
