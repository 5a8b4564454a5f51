/*
 * state: what has come of an alert so far, kept in alert.status as Perl's
 * Storable file (profile/storable.h), so that NfSen goes on from it.
 */
#ifndef ALERT_STATE_H
#define ALERT_STATE_H

#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"

#define ALERT_SLOTS  288 /* a day of 5 minutes */
#define ALERT_EVENTS 10

/* Bits of trigger_status. */
enum alert_status {
	ALERT_ARMED = 1,
	ALERT_TRUE = 2, /* the condition holds, not often enough yet */
	ALERT_FIRED = 4,
	ALERT_BLOCKED = 8
};

enum alert_value { ALERT_FLOWS, ALERT_PACKETS, ALERT_BYTES, ALERT_VALUES };

/* Averages over the newest 2, 6, 12, 72, 144, 288 slots. */
enum alert_average {
	ALERT_10M,
	ALERT_30M,
	ALERT_1H,
	ALERT_6H,
	ALERT_12H,
	ALERT_24H,
	ALERT_AVERAGES
};

struct alert_state {
	int64_t created; /* epoch seconds */
	int64_t updated; /* newest slot that was looked at; 0: none */
	int trigger_status;
	int trigger_blocks; /* slots of silence left */
	char trigger_info[64];
	int final_condition;
	int cond_cnt; /* true slots one after the other */
	/* The last result of each condition; -1: not looked at. */
	int conditions[64];
	size_t n_conditions;
	int64_t duration[ALERT_SLOTS]; /* ms between first and last flow */
	uint64_t last[ALERT_VALUES][ALERT_SLOTS]; /* totals, newest first */
	uint64_t average[ALERT_AVERAGES][ALERT_VALUES];
	int64_t events[ALERT_EVENTS]; /* slots it fired in, newest first */
};

/* A new alert's. */
void alert_state_init(struct alert_state *s, bool enabled, int64_t now);

/*
 * Read; a file that is not there gives the state of a new alert that is
 * disabled, as NfSen has it.  What is missing in the file is 0.
 */
int alert_state_load(const struct conf *c, const char *name,
    struct alert_state *s, struct err *err);

/* The file's bytes, for whoever writes it. */
void alert_state_print(const char *name, const struct alert_state *s,
    struct buf *out);

/* Names as in the file: "flows" and "avg10m". */
extern const char *const alert_value_names[ALERT_VALUES];
extern const char *const alert_average_names[ALERT_AVERAGES];

#endif
