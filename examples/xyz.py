"""The graph of (x + y) * z: values forward, gradients backward, and the drawing.

python examples/xyz.py [--svg xyz.svg]
"""

import argparse

import chainrule as cr

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--svg", help="file for the drawing")
options = parser.parse_args()

x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
graph = cr.ComputationalGraph(outputs=(x + y) * z)
print("value     ", graph.forward(x=1.0, y=-3.0, z=4.0))
print("gradients ", graph.backward())
for node in graph.nodes_topologically_sorted():
    name = graph.names[id(node)]
    print(f"  {name:10} value {node.value:6.2f}   gradient {node.grad.value:6.2f}")
if options.svg:
    graph.to_svg(options.svg)
