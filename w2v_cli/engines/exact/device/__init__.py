"""The exact engine on a GPU, with PyTorch (extra `gpu`). Nothing else imports torch.

The same steps as on the CPU, in the same order, with the same state: a run may change the device
between a checkpoint and its resumption. Sums are rounded otherwise, so losses agree to about 1e-4,
not bit for bit; on one device and version of the software a resume gives the same bits.
"""
