/*
 * work_graph: workers that draw or fetch pictures.  Their output is a line,
 * "OK" or "ERR text", and then the image, also behind an error if there is
 * one that shows it.
 *
 * A channel is four arguments: its sign, colour, name and RRD.
 */
#ifndef PROFILER_WORK_GRAPH_H
#define PROFILER_WORK_GRAPH_H

/*
 * TYPE PROTO PSTART FROM TO MARK WIDTH HEIGHT LIGHT LOG LINES CYCLE ICONS
 * {CHANNEL}...: NfSen's details graph.  ICONS: folder of EmptyGraph.png and
 * ErrorGraph.png, which need not be there.
 */
#define WORK_DETAILS "details"
int work_details(int argc, char **argv);

/*
 * TYPE FROM TO CYCLE MAX_AGE FILE {CHANNEL}...: an overview picture.  FILE is
 * taken as it is when no database is newer, or it is younger than MAX_AGE
 * seconds; else drawn anew and kept there.
 */
#define WORK_OVERVIEW "overview"
int work_overview(int argc, char **argv);

/* TYPE FROM TO FILE {EVENT}...: averages of an alert. */
#define WORK_ALERTGRAPH "alertgraph"
int work_alertgraph(int argc, char **argv);

/* ROOT NAME: the file below the folder, wherever its links lead. */
#define WORK_FILE "file"
int work_file(int argc, char **argv);

#endif
