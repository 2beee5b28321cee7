"""A training script as people have them: a small network on generated data, in PyTorch.

It knows nothing of etalon: it takes its settings as flags and prints its losses.
"""
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--examples", type=int, default=32768)
arguments = parser.parse_args()
torch.set_num_threads(1)

# The same data for every run: labels of a random teacher, one in ten of them wrong.
world = torch.Generator().manual_seed(0)
inputs = torch.randn(20480, 16, generator=world)
teacher = torch.randn(16, 8, generator=world)
labels = (torch.tanh(inputs @ teacher)).argmax(1)
wrong = torch.rand(len(labels), generator=world) < 0.1
labels[wrong] = torch.randint(0, 8, (int(wrong.sum()),), generator=world)
train_x, train_y, held_x, held_y = inputs[:16384], labels[:16384], inputs[16384:], labels[16384:]

torch.manual_seed(arguments.seed)
model = torch.nn.Sequential(torch.nn.Linear(16, 64), torch.nn.ReLU(), torch.nn.Linear(64, 8))
optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.lr)
loss_of = torch.nn.CrossEntropyLoss()

steps = arguments.examples // arguments.batch_size
order = torch.empty(0, dtype=torch.long)
for step in range(1, steps + 1):
    if len(order) < arguments.batch_size:
        order = torch.randperm(len(train_x))
    batch, order = order[:arguments.batch_size], order[arguments.batch_size:]
    loss = loss_of(model(train_x[batch]), train_y[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step == steps or step % max(1, steps // 10) == 0:
        with torch.no_grad():
            held_out = loss_of(model(held_x), held_y)
        print(f"step {step}: train loss {loss:.4f}, val loss {held_out:.4f}")
