/* senders: the exporters of a file, and how they sample: -E. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/nffile.h"
#include "query/files.h"

#define SYSIDS 65536

/* One sampler of an exporter, in the order of the file. */
struct sampler {
	struct nffile_sampler s;
	struct sampler *next;
};

struct sender {
	struct nffile_exporter e;
	struct nffile_exporter_stat sum; /* sysid 0: nothing is known */
	struct sampler *samplers, *last;
};

struct senders {
	struct arena arena;
	struct sender *of[SYSIDS]; /* by sysid */
	size_t n;
};

/* ---- what the file says ----------------------------------------------------------- */

static struct sender *
sender_of(struct senders *all, uint32_t sysid)
{
	if (sysid >= SYSIDS)
		return NULL;
	return all->of[sysid];
}

static void
take_exporter(struct senders *all, const struct nffile_exporter *e)
{
	struct sender *s = sender_of(all, e->sysid);
	if (s == NULL) {
		s = arena_alloc(&all->arena, sizeof(*s));
		*s = (struct sender){ 0 };
		all->of[e->sysid] = s;
		all->n++;
	}
	s->e = *e;
}

/* A file that was joined from several says the same again. */
static void
take_sampler(struct senders *all, const struct nffile_sampler *s)
{
	struct sender *of = sender_of(all, s->sysid);
	if (of == NULL ||
	    (of->last != NULL && memcmp(&of->last->s, s, sizeof(*s)) == 0))
		return;
	struct sampler *new = arena_alloc(&all->arena, sizeof(*new));
	*new = (struct sampler){ .s = *s };
	if (of->last != NULL)
		of->last->next = new;
	else
		of->samplers = new;
	of->last = new;
}

static void
take_stats(struct senders *all, const uint8_t *rec)
{
	struct nffile_exporter_stat s;
	for (size_t i = 0; nffile_record_exporter_stat(rec, i, &s); i++) {
		struct sender *of = sender_of(all, s.sysid);
		if (of == NULL)
			continue;
		of->sum.sysid = s.sysid;
		of->sum.sequence_failures += s.sequence_failures;
		of->sum.packets += s.packets;
		of->sum.flows += s.flows;
	}
}

static void
take_block(struct senders *all, const struct nffile_block *b)
{
	struct nffile_exporter e;
	struct nffile_sampler s;
	size_t pos = 0;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;) {
		if (nffile_record_exporter(p, &e))
			take_exporter(all, &e);
		else if (nffile_record_sampler(p, &s))
			take_sampler(all, &s);
		else
			take_stats(all, p);
	}
}

/* ---- printing --------------------------------------------------------------------- */

static void
print_exporter(const struct sender *s)
{
	char text[INET6_ADDRSTRLEN] = "";
	uint32_t ip4 = htonl((uint32_t)s->e.ip[1]);
	uint8_t ip6[16];
	for (int i = 0; i < 16; i++)
		ip6[i] = (uint8_t)(s->e.ip[i / 8] >> (56 - i % 8 * 8));
	bool six = s->e.family == AF_INET6;
	(void)inet_ntop(six ? AF_INET6 : AF_INET,
	    six ? (const void *)ip6 : &ip4, text, sizeof(text));
	(void)printf("SysID: %u, IP: %*s, version: %u, ID: %2u", s->e.sysid,
	    six ? 40 : 16, text, s->e.version, s->e.id);
	if (s->sum.packets == 0 && s->sum.flows == 0)
		(void)puts(" - no flows sent");
	else
		(void)printf(", Sequence failures: %u, packets: %" PRIu64
			     ", flows: %" PRIu64 "\n",
		    s->sum.sequence_failures, s->sum.packets, s->sum.flows);
}

static void
print_sampler(const struct nffile_sampler *s)
{
	(void)printf("    Sampler: ");
	switch (s->id) {
	case -1:
		(void)printf("Generic Sampler");
		break;
	case -2:
		(void)printf("Static default Sampler");
		break;
	case -3:
		(void)printf("Static overwrite Sampler");
		break;
	default:
		(void)printf("Assigned Sampler: id: %" PRId64, s->id);
	}
	/* The sampler's kind ends with a colon, a number with a comma. */
	(void)printf("%s algorithm: %u, packet interval: %u, packet space: "
		     "%u\n",
	    s->id >= -3 && s->id <= -1 ? ":" : ",", s->method, s->packets,
	    s->space);
}

static void
print_all(const struct senders *all)
{
	(void)puts("Exporters:");
	if (all->n == 0)
		(void)puts("No Exporter records found");
	(void)putchar('\n');
	for (size_t i = 0; i < SYSIDS; i++) {
		if (all->of[i] == NULL)
			continue;
		print_exporter(all->of[i]);
		for (const struct sampler *s = all->of[i]->samplers; s != NULL;
		     s = s->next)
			print_sampler(&s->s);
	}
}

int
files_senders(const char *path)
{
	struct nffile_reader r;
	struct nffile_block b;
	struct err err;
	int status = 0;
	if (nffile_open(&r, path, &err) == -1) {
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		return EXIT_ARGS;
	}
	struct senders *all = mem_calloc(1, sizeof(*all));
	enum nffile_next next;
	while ((next = nffile_read(&r, &b, &err)) != NFFILE_END) {
		if (next == NFFILE_BLOCK) {
			take_block(all, &b);
			continue;
		}
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		status = EXIT_DAMAGE;
		if (r.done)
			break;
	}
	print_all(all);
	nffile_close(&r);
	arena_free(&all->arena);
	free(all);
	return status;
}
