#!/usr/bin/env python3
"""Cycles of SCALE-Sim v2 for the layers of published networks and of the families.

    python3 tests/golden/systolic.py FOLDER > tests/golden/systolic.inc

FOLDER has SCALE-Sim's sources (commit 22f88b1).

SCALE-Sim makes a matrix with a row a cycle of what leaves the array; the index of the last one is the layer's number
of cycles. That is what its whole simulation reports where the memory never stalls, which is asserted for layers that
are small enough. Its matrix product of a layer, too, is SCALE-Sim's own. Networks are written down here from their
papers; images are padded beforehand, because SCALE-Sim does not pad. The families' products are those of
tests/golden/families.inc on images of up to 64 x 64, as `understudy describe family` lists them.

SCALE-Sim copies the whole matrix for each part of it, which takes minutes for large ones. Here its matrices are put
together by shape alone, which gave the same cycles for all but two large products, on which its own way was stopped.
"""
import csv, re, subprocess, sys, types
from unittest import mock

import numpy as np

sys.path.insert(0, sys.argv[1])
from scalesim.compute.systolic_compute_is import systolic_compute_is
from scalesim.compute.systolic_compute_os import systolic_compute_os
from scalesim.compute.systolic_compute_ws import systolic_compute_ws
from scalesim.scale_config import scale_config
from scalesim.single_layer_sim import single_layer_sim
from scalesim.topology_utils import topologies

ARRAYS = [(32, 32), (128, 64)]
FLOWS = {'os': systolic_compute_os, 'ws': systolic_compute_ws, 'is': systolic_compute_is}
SIMULATED = 20000  # multiply-adds of a layer that is simulated whole


def conv(side, kernel, channels, filters, stride=1, pad=None, groups=1):
    """`groups` equal convolutions, as (SCALE-Sim's line, how many)."""
    pad = (kernel - 1) // 2 if pad is None else pad
    padded = side + 2 * pad
    return [padded, padded, kernel, kernel, channels // groups, filters // groups, stride, stride], groups


def dense(inputs, outputs):
    return [1, 1, 1, 1, inputs, outputs, 1, 1], 1


def alexnet():
    """Krizhevsky, Sutskever, Hinton, NIPS 2012, figure 2 and section 3.5; images of 227 x 227, which give its 55 x 55."""
    return [conv(227, 11, 3, 96, 4, pad=0), conv(27, 5, 96, 256, groups=2), conv(13, 3, 256, 384),
            conv(13, 3, 384, 384, groups=2), conv(13, 3, 384, 256, groups=2),
            dense(9216, 4096), dense(4096, 4096), dense(4096, 1000)]


def resnet18():
    """He, Zhang, Ren, Sun, CVPR 2016, table 1; shortcuts of kind B."""
    layers, channels, side = [conv(224, 7, 3, 64, 2)], 64, 56
    for filters in (64, 128, 256, 512):
        stride = filters // channels
        layers.append(conv(side, 3, channels, filters, stride))
        if stride > 1:
            layers.append(conv(side, 1, channels, filters, stride))
        side //= stride
        layers += [conv(side, 3, filters, filters)] * 3
        channels = filters
    return layers + [dense(512, 1000)]


def mobilenet():
    """Howard et al. 2017, table 1; the last depthwise convolution has stride 1, which gives its 7 x 7. SCALE-Sim has
    depthwise convolutions as a layer for each channel."""
    layers, channels, side = [conv(224, 3, 3, 32, 2)], 32, 112
    for filters, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        layers.append(conv(side, 3, channels, channels, stride, groups=channels))
        side //= stride
        layers.append(conv(side, 1, channels, filters))
        channels = filters
    return layers + [dense(1024, 1000)]


def family_products():
    """The distinct products of the families: m, k, n."""
    found = set()
    for line in open('tests/golden/families.inc'):
        match = re.match(r'\{"(.*)", \{(\d+), (\d+), (\d+)\}, (\d+)', line)
        if not match or int(match[3]) > 64:
            continue
        choice, c, h, w, outputs = match.groups()
        family, *settings = choice.replace(': ', '=').split(', ')
        command = ['build/understudy', 'describe', 'family', family, *settings, '--input', f'{c}x{h}x{w}', '--csv']
        command += ['--outputs', outputs]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found |= products_of(csv.DictReader(listed.splitlines()))
    return found


def products_of(rows):
    found = set()
    for row in rows:
        inputs, out = ([int(x) for x in re.search(r'(\d+)x(\d+)x(\d+)', row[which]).groups()] for which in ('input', 'output'))
        operations = round(float(row['multiply_adds']))
        m, n = out[1] * out[2], out[0]
        if row['kind'] == 'transposed_conv':  # the image by all taps of all filters
            m, k = inputs[1] * inputs[2], inputs[0]
            found.add((m, k, operations // (m * k)))
        elif row['kind'] == 'depthwise':  # a filter a channel
            found.add((m, operations // (m * n), n // inputs[0]))
        elif row['kind'] in ('conv', 'dense'):
            found.add((m, operations // (m * n), n))
    return found


def configuration(array, flow):
    config = scale_config()
    config.update_from_list(['run', *array, 1024, 1024, 1024, 0, 10**7, 2 * 10**7, flow, 'CALC', 'unused'])
    return config


def shape_of_all(parts, axis=0):
    """np.concatenate, of which only the shape is looked at."""
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    return np.broadcast_to(0., shape)


NUMPY = types.SimpleNamespace(**{**vars(np), 'concatenate': shape_of_all})


def cycles(config, m, k, n):
    flow = FLOWS[config.get_dataflow()]
    with mock.patch.object(sys.modules[flow.__module__], 'np', NUMPY):
        return matrix_rows(flow(), config, m, k, n) - 1


def matrix_rows(compute, config, m, k, n):
    compute.set_params(config_obj=config, ifmap_op_mat=np.broadcast_to(0., (m, k)),
                       filter_op_mat=np.broadcast_to(0., (k, n)), ofmap_op_mat=np.zeros((m, n)))
    compute.create_ofmap_demand_mat()
    return compute.ofmap_demand_matrix.shape[0]


def check_simulation(config, topology, layer, expected):
    simulation = single_layer_sim()
    simulation.set_params(layer_id=layer, config_obj=config, topology_obj=topology, verbose=False)
    simulation.run()
    assert simulation.get_compute_report_items()[:2] == [expected, 0]


def product_of(topology, layer):
    filters = topology.get_layer_num_filters(layer)
    return topology.get_layer_num_ofmap_px(layer) // filters, topology.get_layer_window_size(layer), filters


def row(m, k, n, counts, times):
    columns = ', '.join(str(times * count) for count in counts)
    return f'{{{m}, {k}, {n}, {times}, {{{columns}}}}},'


def main():
    known, simulated = {}, 0

    def all_cycles(topology, layer):
        nonlocal simulated
        product = product_of(topology, layer)
        if product not in known:
            known[product] = []
            for array in ARRAYS:
                for flow in FLOWS:
                    config = configuration(array, flow)
                    known[product].append(cycles(config, *product))
                    if product[0] * product[1] * product[2] < SIMULATED:
                        check_simulation(config, topology, layer, known[product][-1])
                        simulated += 1
            print(product, known[product], file=sys.stderr)
        return product, known[product]

    print('/* Written by systolic.py: m, k, n, products, then cycles of SCALE-Sim v2 on arrays of', ', '.join(f'{r} x {c}' for r, c in ARRAYS),
          'by the flows', ', '.join(FLOWS) + '. */')
    for network in (alexnet, resnet18, mobilenet):
        topology = topologies()
        topology.current_topo_name = network.__name__
        layers = network()
        for i, (line, _) in enumerate(layers):
            topology.append_topo_entry_from_list([f'layer{i}', *line])
        print(f'/* {network.__name__} */')
        for i, (_, groups) in enumerate(layers):
            product, counts = all_cycles(topology, i)
            print(row(*product, counts, groups))
    print('/* the families */')
    topology = topologies()
    topology.current_topo_name = 'families'
    for i, (m, k, n) in enumerate(sorted(family_products())):  # SCALE-Sim's own way to write a product
        topology.append_topo_entry_from_list([f'product{i}', m, k, 1, k, 1, n, 1, 1])
        product, counts = all_cycles(topology, i)
        assert product == (m, k, n)
        print(row(m, k, n, counts, 1))
    print(simulated, 'simulated whole', file=sys.stderr)


main()
