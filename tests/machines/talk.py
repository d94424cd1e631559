"""What is said on machines, to the last word, beside what their Sage keeps of it."""

from collections import Counter

from tests.machines.machine import TURN_S
from tests.real_clients.model import ANSWER


class Talk:
    """All that is said from now on."""

    def __init__(self, sage):
        self._sage, self._expected, self._machines = sage, sage.kept(), set()

    def ask(self, project, prompt, *asked, about=None):
        """Ask the clients of machines at the same time; return what the model of each machine read.

        The prompt may have the place {name} for the name of the machine, or of what `about` has.
        """
        started = []
        for machine, client in asked:
            told = prompt.format(name=(about or {}).get(machine.name, machine.name))
            started.append(machine.begin(client, project, told))
            self._expected.update([told, ANSWER])
            self._machines.add(machine)
        for process in started:
            printed, problems = process.communicate(timeout=TURN_S)
            assert process.returncode == 0, printed + problems
            assert ANSWER in printed.decode()
        return {machine.name: machine.model.read() for machine, _ in asked}

    def require_known(self, project, prompt, asked, about, words):
        """Require that models read the word of their machine when they are asked for it.

        On a busy machine a hook may give up: whoever read nothing is asked again, twice.
        """
        left = [*asked]
        for _ in range(3):
            read = self.ask(project, prompt, *left, about=about)
            left = [one for one in left if words[one[0].name] not in read[one[0].name]]
            if not left:
                return
            self.settle()
            for machine, _ in left:
                machine.reconnect()
        states = {words[machine.name]: machine.state() for machine, _ in left}
        assert not left, f"not known: {states}"

    def take_back(self, told, times):
        """Expect that what was told and answered is not kept any more."""
        self._expected -= Counter({told: times, ANSWER: times})

    def settle(self):
        """Wait for what hooks do behind the back of their clients."""
        for machine in self._machines:
            machine.settle()

    def require_all_kept_once(self):
        """Require that what was said is kept, as often as it was said, and nothing waits."""
        self.settle()
        for machine in self._machines:
            if machine.waiting():
                machine.reconnect()
        waiting = {one.name: one.waiting() for one in self._machines if one.waiting()}
        kept = self._sage.kept()
        lost, too_often = self._expected - kept, kept - self._expected
        told = f"lost {lost}, too often {too_often}, waiting {waiting}"
        assert not lost + too_often, told
        assert not waiting, told
