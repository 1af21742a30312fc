"""How a virtual server's pool changes: servers come and go, quorum follows, scripts are named.

Pure: the old pool and what happened go in, the new pool and the effects come out.
"""

from keepalivedpy.lvs import quorum
from keepalivedpy.lvs.effects import Effect, Log, Notify
from keepalivedpy.lvs.names import RsKey, rs_name, vs_name
from keepalivedpy.lvs.pool import Pool, alive_weight, servers
from keepalivedpy.model.lvs import RealServer, VirtualServer
from keepalivedpy.model.script import Script

Result = tuple[Pool, list[Effect]]


def start(vs: VirtualServer, alive: frozenset[RsKey]) -> Result:
    """The first pool of a virtual server whose servers in `alive` count as up."""
    pool = Pool(alive=alive)
    weight = alive_weight(vs, pool)
    if quorum.judge(vs, False, weight):
        return _gained(vs, pool, weight)
    return _lost(vs, pool, weight, quorum.starting_down_text)


def carry(vs: VirtualServer, old: Pool, alive: frozenset[RsKey]) -> Result:
    """The pool after a reload: `alive` among the new servers, quorum carried and judged anew."""
    sorry = old.sorry and vs.sorry_server is not None
    pool = Pool(alive=alive, quorum_up=old.quorum_up, sorry=sorry)
    pool, effects = _judge(vs, pool)
    if not pool.quorum_up:
        pool, more = _call_sorry(vs, pool)
        effects += more
    return pool, effects


def server_changed(vs: VirtualServer, pool: Pool, key: RsKey, is_alive: bool) -> Result:
    """A server of `vs` has died or come back."""
    if (key in pool.alive) == is_alive:
        return pool, []
    rs = servers(vs)[key]
    alive = pool.alive | {key} if is_alive else pool.alive - {key}
    effects: list[Effect] = [Log(_server_text(rs, vs, is_alive))]
    effects += _script(rs.notify_up if is_alive else rs.notify_down, vs)
    pool, more = _judge(vs, Pool(alive=alive, quorum_up=pool.quorum_up, sorry=pool.sorry))
    return pool, effects + more


def server_gone(vs: VirtualServer, pool: Pool, key: RsKey) -> list[Effect]:
    """What is said about a server of the old `vs` that a reload has taken out."""
    rs = servers(vs)[key]
    effects: list[Effect] = [Log(f"Removing service {rs_name(rs, vs)} from VS {vs_name(vs)}")]
    return effects + (_script(rs.notify_down, vs) if key in pool.alive else [])


def gone(vs: VirtualServer, pool: Pool) -> list[Effect]:
    """What is said about a virtual server that a reload has taken out."""
    effects = [effect for key in servers(vs) for effect in server_gone(vs, pool, key)]
    effects.append(Log(f"Removing Virtual Server {vs_name(vs)}"))
    return effects + (_script(vs.quorum_down, vs) if pool.quorum_up else [])


def stop(vs: VirtualServer, pool: Pool) -> list[Effect]:
    """What is said (and, with omega, run) when the daemon ends."""
    effects: list[Effect] = []
    for key, rs in servers(vs).items():
        inhibited = "(inhibited) " if rs.inhibit_on_failure and key not in pool.alive else ""
        text = f"Shutting down {inhibited}service {rs_name(rs, vs)} from VS {vs_name(vs)}"
        effects.append(Log(text))
        if vs.omega and key in pool.alive:
            effects += _script(rs.notify_down, vs)
    if vs.omega:
        effects += _script(vs.quorum_down, vs)
    return effects


def _judge(vs: VirtualServer, pool: Pool) -> Result:
    weight = alive_weight(vs, pool)
    is_up = quorum.judge(vs, pool.quorum_up, weight)
    if is_up == pool.quorum_up:
        return pool, []
    return _gained(vs, pool, weight) if is_up else _lost(vs, pool, weight, quorum.lost_text)


def _gained(vs: VirtualServer, pool: Pool, weight: int) -> Result:
    effects: list[Effect] = [Log(quorum.gained_text(vs, weight, vs_name(vs)))]
    if pool.sorry and vs.sorry_server is not None:
        sorry = vs.sorry_server
        verb = "Disabling" if sorry.inhibit_on_failure else "Removing"
        effects.append(Log(f"{verb} sorry server {rs_name(sorry, vs)} from VS {vs_name(vs)}"))
        effects.append(Log(f"Adding alive servers to the pool for VS {vs_name(vs)}"))
    effects += _script(vs.quorum_up, vs)
    return Pool(alive=pool.alive, quorum_up=True, sorry=False), effects


def _lost(vs: VirtualServer, pool: Pool, weight: int, text: quorum.Text) -> Result:
    effects: list[Effect] = [Log(text(vs, weight, vs_name(vs)))]
    pool = Pool(alive=pool.alive, quorum_up=False, sorry=pool.sorry)
    pool, more = _call_sorry(vs, pool)
    effects += more
    return pool, effects + _script(vs.quorum_down, vs)


def _call_sorry(vs: VirtualServer, pool: Pool) -> Result:
    """Let the sorry server stand in, where there is one and it does not yet."""
    if vs.sorry_server is None or pool.sorry:
        return pool, []
    sorry, name = vs.sorry_server, vs_name(vs)
    verb = "Enabling" if sorry.inhibit_on_failure else "Adding"
    effects: list[Effect] = [
        Log(f"{verb} sorry server {rs_name(sorry, vs)} to VS {name}"),
        Log(f"Removing alive servers from the pool for VS {name}"),
    ]
    return Pool(alive=pool.alive, quorum_up=pool.quorum_up, sorry=True), effects


def _server_text(rs: RealServer, vs: VirtualServer, is_alive: bool) -> str:
    verb, preposition = {
        (True, True): ("Enabling", "of"),
        (True, False): ("Disabling", "of"),
        (False, True): ("Adding", "to"),
        (False, False): ("Removing", "from"),
    }[rs.inhibit_on_failure, is_alive]
    return f"{verb} service {rs_name(rs, vs)} {preposition} VS {vs_name(vs)}"


def _script(script: Script | None, vs: VirtualServer) -> list[Effect]:
    return [Notify(script, vs_name(vs))] if script else []
