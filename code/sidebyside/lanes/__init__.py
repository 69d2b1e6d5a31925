"""One module a lane, with the same public names and signatures in each.

| name | does |
|---|---|
| `seed(value)` | seeds the framework's random numbers |
| `device()` | names the device that new tensors land on |
| `to_numpy(tensor)` | copies a tensor to a NumPy array |
| `get_weights(model)` | reads all weights in the book's neutral layout |
| `set_weights(model, weights)` | writes them, all or none |
| `count_parameters(model)` | counts trainable numbers |
| `probe(model, loss_fn, step=..., prepare=...)` | lets `sidebyside.parity` look in |
| `watch(model)` | notes what the model is shown and how it is trained |

The neutral layout is described in `sidebyside.layout`.
"""
