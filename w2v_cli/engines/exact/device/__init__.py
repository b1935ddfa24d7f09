"""The exact engine on a GPU, with PyTorch (extra `gpu`). Nothing else imports torch.

The same steps as on the CPU, in the same order, with the same state: a run may change the device
between a checkpoint and its resumption. Sums are rounded differently, so losses agree to about
1e-4, not bit for bit; on one device and version of the software a resume gives the same bits.

Files, in reading order:

* `machine.py`: one step, the parameters and the optimizer
* `device_losses.py`: from scores to ∂J/∂scores, for both losses
* `fused.py`: their passes over a tile as kernels in Triton
* `device_counts.py`: the pair counts on the device, or streamed to it
* `layout.py`: which device, and what goes where on it
"""
