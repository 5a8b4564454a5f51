/*
 * cryptopan: addresses into others, one to one, so that two addresses with
 * exactly k leading bits in common have exactly k in common afterwards
 * (Crypto-PAn: Xu, Fan, Ammar, Moon, ICNP 2002).  The same key gives the same
 * addresses everywhere; without it they cannot be turned back.
 *
 * Bit i of the result is bit i of the address, exclusive or the first bit of
 * AES-128 over the address's first i bits, filled up from a pad.  The first
 * half of the key is AES's, the second, encrypted, is the pad.  IPv4 and
 * IPv6 have one pad, as in nfdump.
 *
 * An address of 128 bits costs 128 encryptions, so what was worked out for
 * an address or the upper half of one is kept in tables of fixed size, 2 MB
 * together.  One of these is for one thread.  cryptopan.c owns nettle's AES.
 */
#ifndef ANON_CRYPTOPAN_H
#define ANON_CRYPTOPAN_H

#include <stdint.h>

#include "base/err.h"
#include "flow/flow.h"

#define CRYPTOPAN_KEY 32 /* bytes */

struct cryptopan;

/* 32 characters, taken as they are, or 0x and 64 hexadecimal digits. */
int cryptopan_key(const char *text, uint8_t key[CRYPTOPAN_KEY],
    struct err *err);

struct cryptopan *cryptopan_new(const uint8_t key[CRYPTOPAN_KEY]);
void cryptopan_free(struct cryptopan *c);

uint32_t cryptopan_v4(struct cryptopan *c, uint32_t a);
struct flow_ip6 cryptopan_v6(struct cryptopan *c, struct flow_ip6 a);

/* A MAC address of 48 bits as the leading bits of an address. */
uint64_t cryptopan_mac(struct cryptopan *c, uint64_t mac);

#endif
