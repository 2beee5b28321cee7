"""A training script whose learning rate rises at every step, in PyTorch: a range test by itself.

It knows nothing of etalon: it takes the ends of the ramp and prints rate and loss at every step.
"""
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--lr-min", type=float, default=1e-5)
parser.add_argument("--lr-max", type=float, default=1.0)
parser.add_argument("--steps", type=int, default=100)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()
torch.set_num_threads(1)

# The same data for every run: labels of a random teacher.
world = torch.Generator().manual_seed(0)
inputs = torch.randn(16384, 16, generator=world)
labels = (torch.tanh(inputs @ torch.randn(16, 8, generator=world))).argmax(1)

torch.manual_seed(arguments.seed)
model = torch.nn.Sequential(torch.nn.Linear(16, 64), torch.nn.ReLU(), torch.nn.Linear(64, 8))
optimizer = torch.optim.SGD(model.parameters(), lr=arguments.lr_min)
loss_of = torch.nn.CrossEntropyLoss()

for step in range(arguments.steps):
    lr = arguments.lr_min * (arguments.lr_max / arguments.lr_min) ** (step / (arguments.steps - 1))
    optimizer.param_groups[0]["lr"] = lr
    batch = torch.randint(len(inputs), (arguments.batch_size,))
    loss = loss_of(model(inputs[batch]), labels[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} lr {lr:.6g} loss {loss:.5f}")
