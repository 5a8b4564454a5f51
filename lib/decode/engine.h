/*
 * engine: what the decoders share: the walk over sets, records by template,
 * times, sequence numbers.  Private to lib/decode.
 */
#ifndef DECODE_ENGINE_H
#define DECODE_ENGINE_H

#include "base/wire.h"
#include "decode/decode.h"
#include "decode/field.h"
#include "decode/sampling.h"
#include "decode/template.h"

/* What the records of a record's lists brought. */
struct list_found {
	uint64_t have;
	uint32_t times; /* as struct template */
	uint8_t depth;
	bool icmp;
	bool frame;
};

/* One datagram on its way. */
struct decoding {
	struct exporter *e;
	uint8_t proto; /* FIELD_V9 or FIELD_IPFIX; 0: others */
	bool sampling; /* some rule may apply */
	uint64_t received_ms;
	uint64_t export_ms; /* the header's clock */
	uint32_t uptime;    /* ms since boot at export_ms; v5, v9 */
	uint32_t records;   /* data records, those of options included */
	uint32_t options;   /* of them about the exporter */
	bool uncounted;     /* there were data records that nobody can count */
	bool learnt;        /* templates that data may wait for */
	bool held;          /* its sequence number waits: */
	uint32_t serial;    /* as this one of e->held */
	uint32_t number;    /* IPFIX: its sequence number */
	struct list_found list;
	struct sampler spare;   /* a rule there is no room for */
	struct sampler *sample; /* sFlow: that of the sample before, or NULL */
	decode_sink *sink;
	void *ctx;
	struct record r;
};

void netflow5_decode(struct decoding *d, struct wire w); /* v1, v7 too */
void netflow9_decode(struct decoding *d, struct wire w);
void ipfix_decode(struct decoding *d, struct wire w);
void sflow_decode(struct decoding *d, struct wire w);
bool sflow_peek(struct wire w, struct decode_head *h);

/* All sets up to the end of w. */
void sets_decode(struct decoding *d, struct wire *w);

/* A set's data records. */
void records_decode(struct decoding *d, const struct template *t,
    struct wire *w);

/* Keep a set's data until its template comes.  False: it cannot be kept. */
bool waiting_put(struct decoding *d, uint16_t id, const struct wire *w);

/* Decode what has its template now. */
void waiting_release(struct decoding *d);

/* Zero d->r and set what all records of the datagram have in common. */
void record_init(struct decoding *d);
/* The flow in it alone, where the rest is not used. */
void record_init_flow(struct decoding *d);
void record_emit(struct decoding *d);

/* Read one record into d->r; false: it is cut short. */
bool record_run(struct decoding *d, const struct template *t, struct wire *w);

/* Of a template with both families: that which the record uses. */
void record_choose_family(struct record *r, const struct template *t);

/*
 * The records of a list (RFC 6313) into the record it is in, noted in
 * d->list; multi: with a template for each of several groups.
 */
void list_decode(struct decoding *d, bool multi, struct wire w);
void list_merge(struct decoding *d);

/* What an options record (d->r; have: of its template) says. */
void options_take(struct decoding *d, uint64_t have);

/* What the record's frame section shows and its other fields do not. */
void frame_decode(struct decoding *d);

/*
 * ICMP type and code from where exporters put them into dst_port.
 * announced: there are fields for them.
 */
void record_icmp(struct record *r, bool announced);

/*
 * Epoch ms of an uptime: the header's clock, minus what had passed since.
 * Modular, so a wrapped uptime is right; up to 100 s later than the header
 * is the exporter's imprecision and no wrap.  0: before the epoch.
 */
uint64_t time_from_uptime(uint64_t export_ms, uint32_t uptime, uint32_t when);

/*
 * Epoch ms of an uptime where the boot time is known: to it is added, and as
 * many turns of 32 bits as fit before the header's clock.
 */
uint64_t time_from_boot(uint64_t export_ms, uint64_t boot_ms, uint32_t when);

/*
 * Start and end as they can be: what is absent or absurd is taken from the
 * other, else the export time, else the arrival.
 */
void time_settle(const struct decoding *d, struct flow *f, uint64_t first,
    uint64_t last);

/* Start, end and event time of d->r; times: as struct template. */
void time_set(struct decoding *d, uint32_t times);

/* An announced rate; what makes no sense is counted as refused. */
void sampling_learn(struct decoding *d, enum sampler_kind kind, uint64_t id,
    const struct sampling_values *v);

/* A rule as it was known before; what makes no sense is left out. */
void sampling_restore(struct exporter *e, const struct sampler *s);

/* False: no rule can apply to this exporter's flows but their own fields. */
bool sampling_may_apply(const struct exporter *e);

/* Scale f by the rule that applies; own: the record's own fields, or NULL. */
void sampling_apply(struct decoding *d, struct flow *f,
    const struct sampling_values *own);

/*
 * Of an sFlow sample: how many packets it stands for.  Noted as a rule of
 * its data source.
 */
uint32_t sampling_sample_rate(struct decoding *d, uint32_t source,
    uint32_t rate);

/*
 * Account for a header's sequence number.  units is what the datagram adds
 * to it, options how many of these are records of options.
 */
void sequence_check(struct exporter *e, uint32_t number, uint32_t units,
    uint32_t options);

#endif
