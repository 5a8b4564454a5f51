/*
 * payload_flows FILE <lines: a flow file with payloads, one flow a line:
 *
 *   PROTO SRCPORT DSTPORT IN OUT
 *
 * IN and OUT are the payloads in hex, "-" for none, "" cannot be said.  Flow
 * i (from 0) has 1 packet and 2^i bytes (from 40 on 2^39), so that a sum of
 * bytes tells which flows were meant.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nffile/codec.h"
#include "nffile/nffile.h"

static struct arena arena;

static unsigned
digit(char c)
{
	static const char hex[] = "0123456789abcdef";
	const char *at = strchr(hex, tolower((unsigned char)c));
	if (at == NULL || c == '\0') {
		(void)fprintf(stderr, "payload_flows: no hex digit: %c\n", c);
		exit(1);
	}
	return (unsigned)(at - hex);
}

static struct flow_bytes
payload(const char *hex)
{
	size_t n = strlen(hex) / 2;
	uint8_t *p = arena_alloc(&arena, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] =
		    (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	return (struct flow_bytes){ p, (uint16_t)n };
}

static void
add_payload(struct flow *f, enum flow_elem e, struct flow_bytes *to,
    const char *hex)
{
	if (strcmp(hex, "-") == 0)
		return;
	f->have |= FLOW_BIT(e);
	*to = payload(hex);
}

static const char *
word(char **save, char *line)
{
	const char *w = strtok_r(line, " \n", save);
	if (w == NULL) {
		(void)fprintf(stderr, "payload_flows: five words a line\n");
		exit(1);
	}
	return w;
}

static struct flow
read_flow(char *line, unsigned number)
{
	char *save = NULL;
	struct flow f = { 0 };
	f.have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4);
	f.first = UINT64_C(1700000000000) + number;
	f.last = f.received = f.first;
	f.nfversion = 10;
	f.packets = 1;
	f.bytes = UINT64_C(1) << (number < 40 ? number : 39);
	f.src.lo = UINT64_C(0xc0000201); /* 192.0.2.1 */
	f.dst.lo = UINT64_C(0xc6336401); /* 198.51.100.1 */
	f.proto = (uint8_t)strtoul(word(&save, line), NULL, 10);
	f.src_port = (uint16_t)strtoul(word(&save, NULL), NULL, 10);
	f.dst_port = (uint16_t)strtoul(word(&save, NULL), NULL, 10);
	add_payload(&f, FE_INPAYLOAD, &f.in_payload, word(&save, NULL));
	add_payload(&f, FE_OUTPAYLOAD, &f.out_payload, word(&save, NULL));
	return f;
}

static int
write_file(const char *path, struct err *err)
{
	struct nffile_writer_opts o = { .creator = CREATOR_NFDUMP,
		.created = 1700000000,
		.ident = "payload",
		.mode = 0644 };
	struct nffile_writer w;
	char *line = NULL;
	size_t cap = 0;
	if (codec_parse("lz4", &o.codec, &o.level, err) == -1 ||
	    nffile_create(&w, path, &o, err) == -1)
		return -1;
	for (unsigned n = 0; getline(&line, &cap, stdin) > 0; n++) {
		struct flow f = read_flow(line, n);
		if (nffile_add_flow(&w, &f, err) == -1)
			return -1;
	}
	free(line);
	return nffile_finish(&w, false, err);
}

int
main(int argc, char **argv)
{
	struct err err;
	if (argc != 2) {
		(void)fprintf(stderr, "usage: payload_flows FILE <lines\n");
		return 2;
	}
	if (write_file(argv[1], &err) == -1) {
		(void)fprintf(stderr, "payload_flows: %s\n", err.msg);
		return 1;
	}
	arena_free(&arena);
	return 0;
}
