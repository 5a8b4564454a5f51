/*
 * batch: some thousand flows as columns, the form in which all bulk work
 * (channels, queries, alerts) sees flows.
 *
 * nffile/columns.c fills it from a block, only the columns that `want`
 * names; lib/filter evaluates predicates on it into bitmaps; whoever needs
 * more of one row expands rec[row] with nffile_record_flow().
 *
 * A row that lacks an element has 0 in that element's columns and a 0 bit
 * in present[elem].  Rows above `rows` up to the next multiple of 64 hold
 * 0, so whole words and vectors may be processed.
 */
#ifndef FLOW_BATCH_H
#define FLOW_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"

#define BATCH_ROWS  4096
#define BATCH_WORDS (BATCH_ROWS / 64)

enum batch_col {
	/* FE_GENERIC */
	COL_PROTO,    /* u8 */
	COL_FLAGS,    /* u8, TCP flags */
	COL_TOS,      /* u8, source tos */
	COL_FWD,      /* u8 */
	COL_SRCPORT,  /* u16 */
	COL_DSTPORT,  /* u16 */
	COL_FIRST,    /* u64 ms */
	COL_LAST,     /* u64 ms */
	COL_RECEIVED, /* u64 ms */
	COL_PACKETS,  /* u64, in */
	COL_BYTES,    /* u64, in */
	/* FE_IPV4: u32; FE_IPV6: two u64 each.  One request fetches both. */
	COL_ADDR,
	/* FE_MISC */
	COL_INIF,  /* u32 */
	COL_OUTIF, /* u32 */
	COL_MISC8, /* u8 x 6: src_mask dst_mask dir dst_tos biflow end_reason */
	/* FE_CNT: u64 each, one request */
	COL_CNT, /* flows out_packets out_bytes */
	/* FE_AS, FE_VLAN: u32 */
	COL_AS,
	COL_VLAN,
	/* record header */
	COL_HEADER, /* exporter u16, engine_type u8, engine_id u8, nfversion u8, rflags u8 */
	COL_MAX
};

#define COL_BIT(col) (UINT64_C(1) << (col))

struct batch {
	size_t rows;
	uint64_t want; /* COL_BITs to be filled; set before the fill */

	/* Which ident the rows' file has; valid until the next file. */
	const char *ident;

	/* Added up over all fills; whoever set up the batch zeroes them. */
	uint64_t unknown_elems; /* in rows: elements that nobody knows */
	uint64_t damaged;       /* flow records left out: length nonsense */

	/* The raw record of each row, valid as long as the block is. */
	const uint8_t *rec[BATCH_ROWS];

	/* One bitmap per element, only for elements of wanted columns. */
	uint64_t present[FE_MAX][BATCH_WORDS];

	_Alignas(64) uint8_t proto[BATCH_ROWS];
	_Alignas(64) uint8_t tcp_flags[BATCH_ROWS];
	_Alignas(64) uint8_t tos[BATCH_ROWS];
	_Alignas(64) uint8_t fwd_status[BATCH_ROWS];
	_Alignas(64) uint16_t src_port[BATCH_ROWS];
	_Alignas(64) uint16_t dst_port[BATCH_ROWS];
	_Alignas(64) uint64_t first[BATCH_ROWS];
	_Alignas(64) uint64_t last[BATCH_ROWS];
	_Alignas(64) uint64_t received[BATCH_ROWS];
	_Alignas(64) uint64_t packets[BATCH_ROWS];
	_Alignas(64) uint64_t bytes[BATCH_ROWS];
	_Alignas(64) uint32_t src4[BATCH_ROWS];
	_Alignas(64) uint32_t dst4[BATCH_ROWS];
	_Alignas(64) uint64_t src6hi[BATCH_ROWS];
	_Alignas(64) uint64_t src6lo[BATCH_ROWS];
	_Alignas(64) uint64_t dst6hi[BATCH_ROWS];
	_Alignas(64) uint64_t dst6lo[BATCH_ROWS];
	_Alignas(64) uint32_t in_if[BATCH_ROWS];
	_Alignas(64) uint32_t out_if[BATCH_ROWS];
	_Alignas(64) uint8_t src_mask[BATCH_ROWS];
	_Alignas(64) uint8_t dst_mask[BATCH_ROWS];
	_Alignas(64) uint8_t dir[BATCH_ROWS];
	_Alignas(64) uint8_t dst_tos[BATCH_ROWS];
	_Alignas(64) uint8_t biflow_dir[BATCH_ROWS];
	_Alignas(64) uint8_t end_reason[BATCH_ROWS];
	_Alignas(64) uint64_t flows[BATCH_ROWS]; /* 1 where FE_CNT is missing */
	_Alignas(64) uint64_t out_packets[BATCH_ROWS];
	_Alignas(64) uint64_t out_bytes[BATCH_ROWS];
	_Alignas(64) uint32_t src_as[BATCH_ROWS];
	_Alignas(64) uint32_t dst_as[BATCH_ROWS];
	_Alignas(64) uint32_t src_vlan[BATCH_ROWS];
	_Alignas(64) uint32_t dst_vlan[BATCH_ROWS];
	_Alignas(64) uint16_t exporter[BATCH_ROWS];
	_Alignas(64) uint8_t engine_type[BATCH_ROWS];
	_Alignas(64) uint8_t engine_id[BATCH_ROWS];
	_Alignas(64) uint8_t nfversion[BATCH_ROWS];
	_Alignas(64) uint8_t rflags[BATCH_ROWS];
};

#endif
