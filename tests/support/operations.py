"""Try operations of a state machine until there were enough."""

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

_STEPS = 50


def try_operations(machine, world, wanted):
    """Run a machine on a world, which counts its `operations`, until so many were tried."""
    on_world = type("Machine", (machine,), {"world": world})
    once = settings(
        max_examples=max(wanted // _STEPS, 1),
        stateful_step_count=_STEPS,
        report_multiple_bugs=False,
        phases=[Phase.generate],  # what was found is told by its steps, however many
    )
    while world.operations < wanted:
        run_state_machine_as_test(on_world, settings=once)
