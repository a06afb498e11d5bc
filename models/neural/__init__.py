"""The neural models: one set of heads on two backbones, a transformer encoder and a small convolutional network."""
