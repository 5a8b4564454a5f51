/*
 * layout: nfdump's file layouts, byte for byte: 2 (nfdump 1.7.x), which is
 * read and written, and 1 (nfdump 1.6.x), which is read.
 *
 * Layout 2:
 *
 *   header 40 | block | block | ... | appendix block
 *   block  = 12 byte header, then `size` bytes, compressed by the file's codec
 *   record = u16 type, u16 size (with these 4), payload
 *   flow   = record type 11: 12 byte header, then elements
 *   element = u16 id, u16 length (with these 4), payload
 *
 * All integers in host order, little endian in practice; nothing is aligned.
 * Element payloads are described where they are coded, in record.c.
 */
#ifndef NFFILE_LAYOUT_H
#define NFFILE_LAYOUT_H

#include <stdint.h>

#define NFFILE_MAGIC   0xA50C
#define NFFILE_VERSION 2
#define NFFILE_NFDVERSION                                                      \
	0x01070100 /* what we say wrote the file: 1.7.1's level */
#define NFFILE_NFDVERSION_NEWEST 0x01070800 /* or 1.7.8's */
#define NFFILE_IDENT_MAX         128        /* with NUL, as nfdump bounds it */

#define NFFILE_BLOCK_WRITE (1024 * 1024)     /* uncompressed, 1.7.1's limit */
#define NFFILE_BLOCK_READ  (5 * 1024 * 1024) /* largest that readers accept */

enum nffile_codec {
	CODEC_NONE = 0,
	CODEC_LZO = 1,
	CODEC_BZ2 = 2,
	CODEC_LZ4 = 3,
	CODEC_ZSTD = 4 /* unknown to nfdump 1.7.1 */
};

/* Whose readers a file is for: what older ones do not know is left out. */
enum nffile_compat {
	COMPAT_171 = 0, /* nfdump 1.7.1 and later */
	COMPAT_NEWEST   /* 1.7.5 and later: all elements */
};

enum nffile_creator {
	CREATOR_UNKNOWN = 0,
	CREATOR_NFCAPD = 1,
	CREATOR_NFDUMP = 4,
	CREATOR_NFPROFILE = 6
};

struct nffile_header {
	uint16_t magic;
	uint16_t version;
	uint32_t nfdversion;
	int64_t created; /* epoch seconds */
	uint8_t compression;
	uint8_t encryption;       /* 0; anything else is refused */
	uint16_t appendix_blocks; /* 0 while the file is open for writing */
	uint32_t creator;
	int64_t off_appendix; /* 0 while open */
	uint32_t block_size;  /* always 0 */
	uint32_t num_blocks;  /* data blocks; 0 while open */
};
_Static_assert(sizeof(struct nffile_header) == 40, "nfdump layout 2");

struct nffile_block_header {
	uint32_t records;
	uint32_t size; /* bytes that follow on disk */
	uint16_t type; /* 3 */
	uint16_t flags;
};
_Static_assert(sizeof(struct nffile_block_header) == 12, "nfdump layout 2");

enum nffile_block_type {
	BLOCK_1_5 = 1,   /* nfdump 1.5: passed over */
	BLOCK_1_6 = 2,   /* records of layout 1 */
	BLOCK_FLOWS = 3, /* records of layout 2 */
	BLOCK_ARRAY = 4  /* geo and tor databases: passed over */
};

enum nffile_record_type {
	REC_COMMON_0 = 1, /* layout 1 only, before the 16 bit sysid */
	REC_MAP = 2,      /* layout 1 only: extension map */
	REC_EXPORTER = 7,
	REC_EXPORTER_STAT = 8,
	REC_SAMPLER_OLD = 9,
	REC_COMMON_1 = 10, /* layout 1 only */
	REC_FLOW = 11,
	REC_NBAR = 12,
	REC_IFNAME = 13,
	REC_VRFNAME = 14,
	REC_SAMPLER = 15,
	REC_FLOW_V4 = 16,
	REC_SLACK = 256, /* padding */
	REC_IDENT = 0x8001,
	REC_STAT = 0x8002
};

/* Appendix stat record, 18 x u64 after the 4 byte record header. */
struct nffile_stat {
	uint64_t flows;
	uint64_t bytes;
	uint64_t packets;
	uint64_t flows_tcp, flows_udp, flows_icmp, flows_other;
	uint64_t bytes_tcp, bytes_udp, bytes_icmp, bytes_other;
	uint64_t packets_tcp, packets_udp, packets_icmp, packets_other;
	uint64_t first; /* ms */
	uint64_t last;  /* ms */
	uint64_t sequence_failures;
};
_Static_assert(sizeof(struct nffile_stat) == 144, "nfdump layout 2");

/* Exporter info, record type 7, in the form nfdump 1.7.1 writes. */
struct nffile_exporter {
	uint16_t type;
	uint16_t size;    /* 32 */
	uint32_t version; /* 5, 9, 10; 9999 sFlow */
	uint64_t ip[2];   /* host order; IPv4 in ip[1] */
	uint16_t family;  /* AF_INET or AF_INET6 (10); 0: the newer form */
	uint16_t sysid;
	uint32_t id; /* v5 engine tag, v9 source id, IPFIX observation domain */
};
_Static_assert(sizeof(struct nffile_exporter) == 32, "nfdump layout 2");

/* Record type 15; rate = (packets + space) / packets. */
struct nffile_sampler {
	uint16_t type;
	uint16_t size;    /* 24 */
	uint16_t sysid;   /* of its exporter */
	uint16_t method;  /* IE 304, or 35, 49 */
	int64_t id;       /* IE 302, 48; -1 none announced, -2, -3 configured */
	uint32_t packets; /* IE 305: taken of packets + space */
	uint32_t space;   /* IE 306, or 34, 50 less one */
};
_Static_assert(sizeof(struct nffile_sampler) == 24, "nfdump layout 2");

struct nffile_exporter_stat { /* one entry of record type 8 */
	uint32_t sysid;
	uint32_t sequence_failures;
	uint64_t packets;
	uint64_t flows;
};
_Static_assert(sizeof(struct nffile_exporter_stat) == 24, "nfdump layout 2");

/*
 * Layout 1:
 *
 *   header 140 | stat 136 | block | block | ...
 *   block = as in layout 2, of type 2
 *   flow  = record type 10 or 1: fields, addresses, counters, then the
 *           extensions that the record's extension map (type 2) lists
 *
 * There is no appendix.
 */
#define NFFILE1_LZO  0x01
#define NFFILE1_ANON 0x02
#define NFFILE1_BZ2  0x08
#define NFFILE1_LZ4  0x10

struct nffile1_header {
	uint16_t magic;
	uint16_t version; /* 1 */
	uint32_t flags;
	uint32_t num_blocks;          /* 0 while open */
	char ident[NFFILE_IDENT_MAX]; /* may lack its NUL */
};
_Static_assert(sizeof(struct nffile1_header) == 140, "nfdump layout 1");

struct nffile1_stat {
	uint64_t sums[15]; /* struct nffile_stat up to packets_other */
	uint32_t first;    /* s */
	uint32_t last;
	uint16_t msec_first;
	uint16_t msec_last;
	uint32_t sequence_failures;
};
_Static_assert(sizeof(struct nffile1_stat) == 136, "nfdump layout 1");

#endif
