// The topics of `gabion help`. Each is plain text of at most 80 columns; the man pages use them
// too.
#include "cli/help.h"
#include "expr/cel.h"

static void functions(struct gb_buffer *out)
{
    gb_cel_reference(out, false);
}

const struct gb_topic gb_topics[] = {
    {"exit-codes", "what the exit status says",
     "  0  ok          done as asked; for scan: the gate passed, or none was asked for\n"
     "                 (findings may exist)\n"
     "  1  error       could not do the work (input/output, memory, a bug); never findings\n"
     "  2  usage       bad option, configuration or exemptions file\n"
     "  3  gate        work done; a finding or flaw at or above --fail-on, or the score below\n"
     "                 --min-score\n"
     "  4  incomplete  work done and the gate passed, but on too little: coverage below\n"
     "                 --min-coverage, controls that did not load, or nothing assessed\n"
     "\n"
     "If several apply, the first of 2, 1, 3, 4 is given. --exit-code N changes only the\n"
     "number of `gate`; --fail-on none never fails. A control that did not load, or a run\n"
     "that assessed nothing, is incomplete with or without a gate. So is one whose advisory\n"
     "data is more than a week old, or that was asked for vulnerabilities of a release that\n"
     "is not recognised or has no advisory data. --severity and other display options never\n"
     "change the exit status.\n",
     NULL},
    {"output", "formats and where they go",
     "-o FORMAT writes to standard output, -o FORMAT=FILE to a file; the option may be\n"
     "repeated, so that one run makes several reports:\n"
     "\n"
     "  gabion scan -o html=report.html -o sarif=gabion.sarif -o json\n"
     "\n"
     "A file appears under its name only when it is whole. Standard output is data;\n"
     "progress, warnings and the gate's verdict go to standard error.\n"
     "\n"
     "  terminal   what a person reads (the default)\n"
     "  json       everything, with schema_version; the source of all other formats\n"
     "  sarif      SARIF 2.1.0, for code scanning\n"
     "  junit      JUnit XML, for CI\n"
     "  html       one file without any reference to elsewhere; prints well\n"
     "  csv        one row for each control and subject (RFC 4180)\n"
     "  ocsf       OCSF findings (compliance 2003, vulnerability 2002), JSON Lines\n"
     "  cyclonedx-vex\n"
     "             CycloneDX 1.6 VEX: the vulnerabilities with their analysis\n",
     NULL},
    {"environment", "environment variables",
     "  GABION_COMMAND_OPTION  the option of a command: GABION_SCAN_FAIL_ON=high\n"
     "  GABION_OPTION          the option of every command that has it: GABION_COLOR=never\n"
     "  NO_COLOR               no colours\n"
     "  CLICOLOR_FORCE         colours even when it is no terminal\n"
     "  TERM=dumb              no colours, no progress line, ASCII only\n"
     "  COLUMNS                width of tables\n"
     "  XDG_CONFIG_HOME, XDG_STATE_HOME\n"
     "                         where a user's configuration and history are kept\n"
     "\n"
     "An option on the command line wins over the environment, which wins over files.\n",
     NULL},
    {"config", "configuration files",
     "Every option is a key below the name of its command; `all` is for options of all\n"
     "commands. Dashes become underscores:\n"
     "\n"
     "  all:\n"
     "    color: never\n"
     "  scan:\n"
     "    fail_on: high\n"
     "    skip: [GBN-BAN-*]\n"
     "\n"
     "Read in this order, later files win:\n"
     "  /etc/gabion/gabion.yaml, /etc/gabion/conf.d/*.yaml\n"
     "  ~/.config/gabion/config.yaml\n"
     "  ./.gabion.yaml\n"
     "\n"
     "A file must belong to you or to root and must not be writable by all. An unknown key\n"
     "is an error that names the nearest known one. `gabion config show` prints what is in\n"
     "force and where it stands.\n",
     NULL},
    {"exemptions", "findings knowingly accepted",
     "exemptions:\n"
     "  - id: EX-1\n"
     "    control: GBN-SSH-002         # or a pattern: GBN-SSH-*\n"
     "    match: {subject: sshd, host: \"web-*\"}    # optional patterns\n"
     "    reason: the bastion needs it until the move\n"
     "    owner: anna@example.org\n"
     "    expires: 2027-01-31          # end of that day, UTC; at most one year ahead\n"
     "\n"
     "Reason, owner and expiry are mandatory. An expired or malformed entry hides nothing\n"
     "and is reported; so is one that covers nothing. An exempt finding stays in every\n"
     "report and changes only the adjusted score; the raw score is always beside it.\n"
     "Files: /etc/gabion/exemptions.yaml, ~/.config/gabion/exemptions.yaml, --exemptions.\n",
     NULL},
    {"scoring", "how the score is made",
     "  score = 100 x points held / points possible\n"
     "\n"
     "over all pairs of a control and a subject that apply and were assessed. A pair has\n"
     "10 points when the control is critical, 6 high, 3 medium, 1 low. Points are held when\n"
     "the verdict is pass. Not applicable never counts. Unknown and error count neither way\n"
     "but lower the coverage, which stands beside the score:\n"
     "\n"
     "  coverage = 100 x assessed pairs / (assessed + unknown + error)\n"
     "\n"
     "An exempt pair is possible but not held in the raw score; in the adjusted score it is\n"
     "held. `gain` of a finding is what fixing it adds to the raw score. From -o json:\n"
     "\n"
     "  jq '[.findings[] | select(.state == \"pass\" or .state == \"fail\" or\n"
     "      .state == \"exempt\") | {critical:10,high:6,medium:3,low:1}[.severity] as $p |\n"
     "      {p: $p, h: (if .state == \"pass\" then $p else 0 end)}] |\n"
     "      100 * (map(.h) | add) / (map(.p) | add)'\n"
     "\n"
     "Risk orders the work and never enters the score: severity x exposure x criticality,\n"
     "each term shown; where exposure is not known there is a stated prior.\n",
     NULL},
    {"risk", "how vulnerabilities are ranked",
     "  risk = 100 x likelihood x impact x factors, at most 100\n"
     "\n"
     "likelihood  1 when CISA lists the flaw as known to be exploited (KEV), else its EPSS\n"
     "            probability, else a prior by the vendor's word, marked as prior: critical\n"
     "            0.05, high 0.02, medium and unrated 0.01, low 0.005, negligible 0.001\n"
     "impact      the mean of the vendor's word (critical 0.90, high 0.75, medium 0.50, low\n"
     "            0.30, negligible 0.05) and of the CVSS base score / 10; one of the two\n"
     "            where the other is missing; 0.50 without both\n"
     "factors     ransomware     1.1   KEV knows of use by ransomware\n"
     "            public         1.5   a process that uses it listens for the internet\n"
     "            reachable      1.3   ... for a network (not for flaws that need an account)\n"
     "            privileged     1.15  ... runs with root's rights\n"
     "            setuid         1.15  else: has files with setuid or capabilities\n"
     "            dormant        0.5   no running process uses it\n"
     "            confined       0.8   all processes that use it are confined\n"
     "            fix available  1.1\n"
     "\n"
     "What is not known has no factor. Each term is in the report; from -o json:\n"
     "\n"
     "  jq '.findings[].vulnerability | select(.) | .risk | [.score, ([100, 100 *\n"
     "      .likelihood * .impact * (reduce .factors[].factor as $f (1; . * $f))] | min)]'\n"
     "\n"
     "Beside it stand two official verdicts: the deadline of CISA's BOD 26-04 (exploited,\n"
     "publicly exposed, automatable, technical impact), and the decisions of SSVC's\n"
     "coordinator 2.0.3 and deployer 1.0.0 tables with a medium mission and human impact.\n"
     "Automatable and technical impact are CISA's where it published them, else read from\n"
     "the CVSS vector. A due date is KEV's own, else the deadline counted from when the flaw\n"
     "was first seen here.\n"
     "\n"
     "Known flaws never enter the score of the posture: nothing could be held by not having\n"
     "one. --fail-on counts them by the vendor's severity (else the CVSS band, else high when\n"
     "exploited, else medium); --fail-on kev stops at any that is exploited.\n",
     NULL},
    {"offline", "no network, no account",
     "A scan opens no network connection and starts no other program in its default set.\n"
     "Nothing leaves the machine; there is no telemetry. What it needs to know about the\n"
     "distribution (support dates, pending updates) it reads from data that the system has\n"
     "already: distro-info-data, debian-security-support, apt's own lists.\n",
     NULL},
    {"expressions", "the language of controls and queries, with all its functions",
     "Controls and queries are written in CEL, the Common Expression Language. A kind\n"
     "with one resource is a variable (sshd.port); a kind with many is a list by its\n"
     "plural (users); in a control over such a kind the subject is a variable by the\n"
     "kind's name (user.uid). `now` is the time of the assessment.\n"
     "\n"
     "  sshd.permit_root_login != 'yes'\n"
     "  users.filter(u, u.uid == 0 && u.name != 'root').map(u, u.name)\n"
     "  has(user.shell) && user.shell.endsWith('sh')\n"
     "  now - user.password_changed < duration('2160h')\n"
     "  listener.addresses.exists(a, cidr('10.0.0.0/8').containsIP(a))\n"
     "\n"
     "Field names and types are checked when a rule is loaded. A field that may be absent\n"
     "needs a guard: has(x.f) && ..., !has(x.f) || ..., or x.?f.orValue(...). What could\n"
     "not be read is unknown and makes the verdict unknown, unless the rest decides: false\n"
     "&& unknown is false, true || unknown is true. The same holds for errors.\n"
     "\n"
     "In the list below A, B and C stand for any type.\n"
     "\n",
     functions},
    {NULL, NULL, NULL, NULL},
};
