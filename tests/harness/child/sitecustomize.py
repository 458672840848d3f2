"""Python runs this at the start of every process under test: the network guard holds there too."""

from tests.harness import network, sabotage

network.install()
sabotage.install()
