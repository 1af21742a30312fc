"""Deliberate mistakes in the core that the fuzzer must find: what it looks for, and that it can."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.build import CORE, Build
from tests.fuzz.campaign import Campaign, Outcome

SECONDS = 60


@dataclass(frozen=True)
class Mutation:
    path: str
    was: str
    now: str
    finds: str
    """A word of what the oracle or the sanitizer says."""

    @property
    def name(self) -> str:
        return f"{Path(self.path).stem}: {' '.join(self.was.split())[:40]}"


MUTATIONS = (
    Mutation("pkt/cut.c", "    ip4_set_csum(ip);\n", "", "IPv4 header checksum"),
    Mutation("pkt/cut.c", "cut->payload, n);", "cut->l3, n);", "packet in fragments"),
    Mutation("host/nd_packet.c", "n_bytes < OPT_UNIT_BYTES || ", "", "AddressSanitizer"),
    Mutation("host/nd_packet.c", "        if (n_opt > n_bytes)\n            return false;\n", "",
             "AddressSanitizer"),
    Mutation("host/nd_packet.c", "pkt_l4_len(p) >= sizeof(struct nd_hdr) && ", "",
             "AddressSanitizer"),
    Mutation("pkt/tcp_option.c", " || o[1] > end - o", "", "AddressSanitizer"),
    Mutation("pkt/icmp_inner.c", " || ihl > n_bytes", "", "AddressSanitizer"),
    Mutation("pkt/icmp_inner.c", "inner->l4_len < MIN_L4_BYTES", "0", "AddressSanitizer"),
    Mutation("pkt/parse.c", "l4_len < TCP_HDR_BYTES || ", "", "AddressSanitizer"),
    Mutation("pkt/parse.c", "        if (l4_len < UDP_HDR_BYTES)\n"
             "            return V_DROP_TOO_SHORT;\n", "", "AddressSanitizer"),
    Mutation("pkt/icmp_error.c", "tcp->seq_be = seq_be;", "(void)seq_be;", "checksum"),
    Mutation("lb/fwd_snat.c", "icmp->csum = csum_apply16(icmp->csum, in->l4_delta);", "",
             "transport checksum"),
    Mutation("lb/fnat_bind.c", "c->client.flags & CONN_LPORT", "0", "local port"),
    Mutation("lb/frag_table.c", "    if (t->oldest == FRAG_NO_ROOM)\n        return NULL;\n", "",
             "runtime error"),
    Mutation("worker/output.c", "    pkt_free(env, p->m);\n    return sent;", "    return sent;",
             "neither sent nor freed"),
    Mutation("worker/output.c", "        ip_dec_ttl(p);\n", "", "hop limit"),
    Mutation("worker/output.c", "RTE_MIN(link_mtu, route->mtu)", "route->mtu", "MTU"),
    Mutation("worker/fragment.c", "ip->csum = csum_apply(ip->csum, "
             "csum_delta16(ip->id_be, id_be));", "", "IPv4 header checksum"),
    Mutation("lb/fwd_sctp.c", "        sctp->csum = sctp_csum(p);\n", "        ;\n",
             "SCTP checksum"),
    Mutation("pkt/sctp.c", "n_bytes - 4", "n_bytes", "packet in fragments"),
    Mutation("pkt/sctp.c", " || next + SCTP_CHUNK_HDR_BYTES > pkt_l4_len(p)", "",
             "AddressSanitizer"),
    Mutation("worker/reply_sctp.c", "    pkt_sctp(&p)->csum = sctp_csum(&p);\n", "",
             "SCTP checksum"),
    Mutation("base/bpf.c", "at + n > s->n_bytes", "at > s->n_bytes", "AddressSanitizer"),
    Mutation("base/bpf.c", "return size == SIZE_W && in->k < N_MEM;", "return size == SIZE_W;",
             "runtime error"),
    Mutation("base/bpf.c", "return in->jt < left && in->jf < left;", "return true;",
             "AddressSanitizer"),
    Mutation("worker/capture.c", "RTE_MIN(keep, here)", "keep", "AddressSanitizer"),
    Mutation("worker/capture.c", "written, at + total,", "written, at + total + 1,",
             "of a capture"),
    Mutation("host/mld_packet.c", "pkt_l4_len(&p) < V1_BYTES || ", "", "AddressSanitizer"),
)  # fmt: skip


def run(mutation: Mutation, base: Build, work: Path, seconds: int = SECONDS) -> Outcome:
    """The fuzzer built beside `base`, whose objects it takes, with the mistake in it."""
    text = (CORE / mutation.path).read_text()
    if text.count(mutation.was) != 1:
        raise ValueError(f"{mutation.path} does not have this once: {mutation.was}")
    folder = work / "mutant"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.folder, folder)
    changed = work / Path(mutation.path).name
    changed.write_text(text.replace(mutation.was, mutation.now))
    program = Build(folder, lean=base.lean, replaced=((mutation.path, changed),)).run()
    shutil.rmtree(work / "mutant-run", ignore_errors=True)
    campaign = Campaign(program, work / "mutant-run")
    campaign.prepare()
    return campaign.run(seconds, 1)


def is_found(mutation: Mutation, outcome: Outcome) -> bool:
    return any(mutation.finds in reason for reason in outcome.reasons)


def all_found(work: Path) -> bool:
    base = Build(work / "lean", lean=True)
    base.run()
    found = []
    for mutation in MUTATIONS:
        outcome = run(mutation, base, work)
        found.append(is_found(mutation, outcome))
        told = " ".join(outcome.reasons) or "nothing"
        print(f"{'found' if found[-1] else 'MISSED'} {mutation.name}: {told[:100]}", flush=True)
    print(f"{sum(found)} of {len(found)} mistakes found")
    return all(found)
