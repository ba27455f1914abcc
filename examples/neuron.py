"""A sigmoid neuron in its smallest steps, with the gradient of every one of them.

python examples/neuron.py
"""

import chainrule as cr

w0, w1, w2 = (cr.input(f"w{k}") for k in range(3))
x0, x1 = cr.input("x0"), cr.input("x1")
neuron = 1 / (1 + cr.exp(-(w0 * x0 + w1 * x1 + w2)))
graph = cr.ComputationalGraph(outputs=neuron)
value = graph.forward(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
graph.backward()
print(f"the neuron gives {value:.2f}")
for node in graph.nodes_reverse_topologically_sorted():
    name = graph.names[id(node)]
    gradient = "" if node.grad is None else f"gradient {node.grad.value:6.2f}"
    print(f"  {name:12} value {node.value:6.2f}   {gradient}")
