"""Caffe's recurrent layers."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "RNN",
        formula="h[t] = tanh(W_xh x[t] + b_h + W_hh (cont[t] * h[t-1])), "
        "o[t] = tanh(W_ho h[t] + b_o); x (T, N, ...), cont (T, N)",
        here="nn.RNN, and for o a Linear layer and tanh",
        arguments="num_output → hidden_size (input_size is said too); weight_filler, "
        "bias_filler=constant 0 → `nn.init`; expose_hidden=false → the second result and the "
        "second argument; debug_info → none",
        differences="the output layer is a layer of its own. cont has to be given only where "
        "sequences are joined. A static input x_static is added to the input of each step: "
        "`cr.concat` it with x",
        code="rnn, out = nn.RNN(1, 1, bias=False), nn.Linear(1, 1, bias=False)\n"
        "for w in (rnn.weight_ih_l0, rnn.weight_hh_l0, out.weight):\n"
        "    w.assign([[1.0]])\n"
        "h, _ = rnn(cr.ones((3, 1, 1)), cont=cr.tensor([[0.0], [1.0], [0.0]]))\n"
        "# h: tanh(1), tanh(1 + tanh(1)), and tanh(1) again, since a sequence starts there\n"
        "h.reshape(-1), cr.tanh(out(h)).reshape(-1)",
        gives=([0.76159, 0.94268, 0.76159], [0.64201, 0.73642, 0.64201]),
    ),
    Row(
        "LSTM",
        formula="c[t] = cont[t] * sigmoid(f) * c[t-1] + sigmoid(i) * tanh(g), "
        "h[t] = sigmoid(o) * tanh(c[t]); i, f, o, g are quarters of "
        "W_xc x[t] + b_c + W_hc (cont[t] * h[t-1])",
        here="nn.LSTM",
        arguments="as RNN",
        differences="gates are in the order i, f, g, o here: exchange the last two quarters of the "
        "rows of Caffe's W_xc, b_c and W_hc. There is one bias there, here there are two, which "
        "are added: set one to 0",
        code="lstm = nn.LSTM(1, 1)\n"
        "caffe = {'ih': [[0.0], [0.0], [0.0], [1.0]], 'hh': [[0.0]] * 4}  # i, f, o, g\n"
        "for name, rows in caffe.items():\n"
        "    getattr(lstm, f'weight_{name}_l0').assign([rows[k] for k in (0, 1, 3, 2)])\n"
        "    getattr(lstm, f'bias_{name}_l0').assign([0.0] * 4)\n"
        "_, (h, c) = lstm(cr.ones((2, 1, 1)), cont=cr.tensor([[0.0], [1.0]]))\n"
        "# c: tanh(1) / 2, then tanh(1) / 4 + tanh(1) / 2\n"
        "h.reshape(-1), c.reshape(-1)",
        gives=([0.25812], [0.57120]),
    ),
    Row(
        "LSTMUnit",
        formula="one step of LSTM: c[t-1], the four gates (1, N, 4 * D) and cont give c[t] and "
        "h[t]",
        here="F.lstm_cell",
        arguments="none; the products with the weights belong to the function here",
        differences="multiply both parts of the state by cont before. Gates in the order i, f, g, "
        "o. There is no gradient by cont there; here there is one, if it requires it",
        code="gates, c, cont = cr.tensor([[0.0, 0.0, 1.0, 0.0]]), cr.tensor([[4.0]]), 1.0\n"
        "state = cr.zeros((1, 1)) * cont, c * cont\n"
        "# c = 4 / 2 + tanh(1) / 2, h = tanh(c) / 2\n"
        "F.lstm_cell(gates, state, cr.eye(4), cr.zeros((4, 1)))",
        gives=([[0.49152]], [[2.38080]]),
    ),
)
