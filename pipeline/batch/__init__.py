"""Runs over many reports: the unit of work, processes that do it, and the record of what is done.

``work`` annotates one path, ``pool`` does so in several ``worker`` processes and ``ray_runner`` on a Ray cluster, where
``ray_worker`` has a pool of one; they speak in ``messages``. ``results`` are the files they write, ``store`` knows by
its ``manifest`` and by ``identity`` which of them stand, ``run`` puts them together, ``pipe`` is the Python interface.

A result is on disk before the manifest says so, and the manifest tells a result by hash, size and times. Thus a process
may be killed at any moment: what it had written is in the hands of the system and lasts, half a file has another name,
and a result that the manifest does not know is made again with the same bytes. Results are not synced one by one (4 ms
each, a tenth of the run with the fast engine): ``docs/scaling.md`` says what a power cut may cost and how it is mended.
"""
