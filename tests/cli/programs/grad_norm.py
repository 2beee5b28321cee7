"""A training program in PyTorch that prints its gradient norm before clipping, as many do.

usage: grad_norm.py BATCH_SIZE LR SEED [--truth]

It clips, has momentum and decays weights, none of which may matter. With --truth it trains nothing
and prints the noise scale of its initial weights, from the gradient of every example by itself.
"""

import sys

import torch

POPULATION = 2048


def problem(seed):
    """Two layers on examples that stay the same, with labels that they say something of."""
    torch.manual_seed(0)
    x = torch.randn(POPULATION, 12)
    y = (x[:, 0] > 0.0).long() + (x[:, 1] > 1.0).long()
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(12, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
    return model, torch.nn.CrossEntropyLoss(), x, y


def truth(seed):
    model, loss, x, y = problem(seed)
    squares, mean = 0.0, 0.0
    for i in range(POPULATION):
        grads = torch.autograd.grad(loss(model(x[i : i + 1]), y[i : i + 1]), model.parameters())
        flat = torch.cat([g.flatten() for g in grads]).double()
        squares += flat.pow(2).sum().item() / POPULATION
        mean = mean + flat / POPULATION
    gradient = mean.pow(2).sum().item()
    print((squares - gradient) / gradient)


def train(batch_size, lr, seed):
    model, loss, x, y = problem(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=1e-4)
    step = 0
    while True:  # until it is stopped
        step += 1
        chosen = torch.randint(POPULATION, (batch_size,))
        optimizer.zero_grad()
        value = loss(model(x[chosen]), y[chosen])
        value.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.01)
        optimizer.step()
        print(f"step {step} loss {value.item():.6f} grad_norm {norm.item():.8f}", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[-1] == "--truth":
        truth(int(sys.argv[3]))
    else:
        train(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
