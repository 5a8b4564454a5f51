/*
 * names: nfdump's words for numbers: protocols, forwarding status, events.
 */
#ifndef FILTER_NAMES_H
#define FILTER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct names {
	const char *what; /* "protocol", for messages */
	/*
	 * Newer nfdump takes the start of a protocol's name, at most 5
	 * letters; the first in the table wins.
	 */
	bool prefix;
	size_t n;
	const struct name {
		const char *text;
		uint16_t number;
	} * name;
};

extern const struct names names_proto;
extern const struct names names_fwdstat;
extern const struct names names_flowdir;
extern const struct names names_asa_event;
extern const struct names names_asa_denied;
extern const struct names names_nat_event;
extern const struct names names_pf_action;
extern const struct names names_pf_reason;
extern const struct names names_pf_dir;

/* Any case. */
bool names_find(const struct names *names, const char *text, uint64_t *number);

/* A name that is found again as this number, or NULL. */
const char *names_of(const struct names *names, uint64_t number);

#endif
