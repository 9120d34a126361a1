/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "base/valise-process.h"
#include "base/valise-size.h"
#include "base/valise-xml.h"
#include "bundle/valise-image.h"
#include "bundle/valise-snapshot.h"
#include "formats/valise-reader.h"
#include "cli/valise-json-private.h"
#include "formats/valise-kernel.h"
#include "model/valise-knob-catalogue.h"
#include "model/valise-profile.h"

G_DEFINE_QUARK (valise_command_error_quark, valise_command_error)

static const ValiseCommand commands[] = {
  { "create",
    "NAME [--iso FILE | --image FILE | --kernel FILE [--initrd FILE] [--cmdline TEXT]] [--cpus N] [--memory SIZE] "
    "[--disk SIZE]... [--firmware KIND] [--accel KIND] [--in DIR]",
    N_ ("Make a machine that starts from an ISO, a disk image or a Linux kernel"), _valise_command_create },
  { "list", "[--names]", N_ ("List the machines"), _valise_command_list },
  { "show", "MACHINE", N_ ("Show a machine's hardware and state"), _valise_command_show },
  { "xml", "MACHINE", N_ ("Print a machine's config.xml"), _valise_command_xml },
  { "knobs", "[PATH] [--search WORDS] [--page PAGE]", N_ ("List the settings that a machine can have"),
    _valise_command_knobs, .alone = TRUE },
  { "get", "MACHINE KNOB", N_ ("Print one setting"), _valise_command_get },
  { "set", "MACHINE KNOB=VALUE...", N_ ("Change settings, all or none"), _valise_command_set },
  { "unset", "MACHINE KNOB...", N_ ("Take settings out"), _valise_command_unset },
  { "diff", "MACHINE [VERSION | OTHER | FILE.xml] [--versions]",
    N_ ("Compare the settings with an earlier version, another machine or a file"), _valise_command_diff },
  { "edit", "MACHINE [--from FILE [--was FILE]]", N_ ("Change the settings as XML in your editor"),
    _valise_command_edit },
  { "validate", "MACHINE|FILE.xml", N_ ("Say what is wrong with the settings"), _valise_command_validate },
  { "start", "MACHINE [--boot-once cd|disk|network|setup|TARGET | --disposable | --trust-memory]",
    N_ ("Start a machine, or wake a suspended one"), _valise_command_start, TRUE },
  { "shutdown", "MACHINE", N_ ("Ask the guest to shut down"), _valise_command_shutdown, TRUE },
  { "stop", "MACHINE", N_ ("Force a machine off"), _valise_command_stop, TRUE },
  { "reset", "MACHINE", N_ ("Press the reset button"), _valise_command_reset, TRUE },
  { "pause", "MACHINE", N_ ("Stop the clock of a running machine"), _valise_command_pause, TRUE },
  { "resume", "MACHINE", N_ ("Go on after pause"), _valise_command_resume, TRUE },
  { "suspend", "MACHINE", N_ ("Save the memory to the bundle and switch off"), _valise_command_suspend, TRUE },
  { "discard", "MACHINE", N_ ("Throw the memory of a suspended machine away"), _valise_command_discard, TRUE },
  { "wait", "MACHINE --for running|off|paused|frame [--timeout SECONDS]",
    N_ ("Wait for a state, or until the guest has drawn"), _valise_command_wait, TRUE },
  { "screenshot", "MACHINE FILE.png", N_ ("Save the guest's screen"), _valise_command_screenshot, TRUE },
  { "type", "MACHINE TEXT [--enter]", N_ ("Type text on the guest's keyboard"), _valise_command_type, TRUE },
  { "keys", "MACHINE COMBINATION...", N_ ("Press keys together: ctrl-alt-delete"), _valise_command_keys, TRUE },
  { "media", "MACHINE [--insert FILE | --eject] [--drive TARGET]", N_ ("Show, change or eject the CD"),
    _valise_command_media, TRUE },
  { "export",
    "MACHINE... FILE.vmbundle.tar.zst|FILE.ova|DIR [--format FORMAT] [--disk TARGET] [--mac keep|new|strip] "
    "[--snapshot SNAPSHOT] [--without snapshots,suspended,tpm,iso] [--without-secrets] [--dry-run]",
    N_ ("Write a copy to carry away"), _valise_command_export, TRUE },
  { "import",
    "FILE|BUNDLE [--name [N=]NAME]... [--in DIR] [--machine N[,N]...] [--configuration ID] [--mac new|keep] "
    "[--disk-bus BUS] [--decide CODE=ANSWER]... [--grant N[=FOLDER]]... [--dry-run]",
    N_ ("Bring a machine in"), _valise_command_import },
  { "clone",
    "MACHINE NAME [--linked] [--snapshot SNAPSHOT] [--mac new|keep] [--tpm keep|new] "
    "[--disk TARGET=clone|share|leave]... [--to FOLDER] [--dry-run]",
    N_ ("Make a second machine of one"), _valise_command_clone, TRUE },
  { "template", "MACHINE on|off", N_ ("Keep a machine as what others are made of"), _valise_command_template, TRUE },
  { "detach", "MACHINE", N_ ("Give a linked clone, or the machine it was made of, disks of its own"),
    _valise_command_detach, TRUE },
  { "move", "MACHINE FOLDER", N_ ("Move a machine to another folder or disk"), _valise_command_move, TRUE },
  { "rm", "MACHINE|PATH", N_ ("Move a machine to the Trash, or remove what a killed job left half made"),
    _valise_command_rm, TRUE },
  { "compact", "MACHINE [TARGET]... [--compress]", N_ ("Give back what disks store of zeros"),
    _valise_command_compact },
  { "convert", "MACHINE TARGET --format qcow2|raw", N_ ("Change the format of a disk"), _valise_command_convert },
  { "shrink", "MACHINE TARGET SIZE [--lose-data]", N_ ("Make a disk smaller, with a snapshot before"),
    _valise_command_shrink },
  { "nvram", "MACHINE [--reset | --put-back]", N_ ("Show what the firmware remembers, or let it start afresh"),
    _valise_command_nvram },
  { "size", "MACHINE [--trash FILE]... [--trash-all]", N_ ("Show what of a machine takes how much room"),
    _valise_command_size },
  { "verify", "MACHINE", N_ ("Look whether everything of a machine is there and whole"), _valise_command_verify },
  { "snapshot",
    "list|take|revert|delete|compare|rename|accept|schedule MACHINE [SNAPSHOT] [NAME] [--note TEXT] [--no-memory] "
    "[--trust-memory] [--incomplete] [--every hour|day|week|off] [--keep N] [--precautions on|off]",
    N_ ("Keep moments of a machine, and go back to them"), _valise_command_snapshot, TRUE },
  { "asks", "MACHINE [--allow KNOB]... [--allow-all | --allow-none]",
    N_ ("What a machine from elsewhere asks of this computer, and your answer"), _valise_command_asks },
  { "identity", "MACHINE [--moved | --copied]", N_ ("Whether a machine seen twice was moved or copied"),
    _valise_command_identity },
  { NULL },
};

/* Which exit code an error means: the whole domain (code -1) or one code of it. */
typedef struct
{
  GQuark (*domain) (void);
  int code;
  ValiseExit exit;
} ExitRule;

static const ExitRule exit_rules[] = {
  { valise_command_error_quark, VALISE_COMMAND_ERROR_USAGE, VALISE_EXIT_USAGE },
  { valise_command_error_quark, VALISE_COMMAND_ERROR_UNSET, VALISE_EXIT_NOT_FOUND },
  { valise_command_error_quark, VALISE_COMMAND_ERROR_INVALID, VALISE_EXIT_REFUSED },
  { valise_command_error_quark, VALISE_COMMAND_ERROR_CHANGED, VALISE_EXIT_STATE },
  { g_option_error_quark, -1, VALISE_EXIT_USAGE },
  { valise_size_error_quark, -1, VALISE_EXIT_USAGE },
  { valise_document_error_quark, VALISE_DOCUMENT_ERROR_PATH, VALISE_EXIT_USAGE },
  { valise_document_error_quark, VALISE_DOCUMENT_ERROR_VALUE, VALISE_EXIT_USAGE },
  { valise_document_error_quark, VALISE_DOCUMENT_ERROR_MISSING, VALISE_EXIT_NOT_FOUND },
  { valise_knob_catalogue_error_quark, VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN, VALISE_EXIT_USAGE },
  { valise_knob_catalogue_error_quark, VALISE_KNOB_CATALOGUE_ERROR_VALUE, VALISE_EXIT_USAGE },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_ASK, VALISE_EXIT_DECISION },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_NOT_FOUND, VALISE_EXIT_NOT_FOUND },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_AMBIGUOUS, VALISE_EXIT_NOT_FOUND },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_STATE, VALISE_EXIT_STATE },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_TIMEOUT, VALISE_EXIT_TIMEOUT },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_BUSY, VALISE_EXIT_BUSY },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_NO_LIBVIRT, VALISE_EXIT_HOST },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_NO_QEMU, VALISE_EXIT_HOST },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_PERMISSION, VALISE_EXIT_HOST },
  { valise_engine_error_quark, VALISE_ENGINE_ERROR_DISCONNECTED, VALISE_EXIT_HOST },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_EXISTS, VALISE_EXIT_EXISTS },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_LOCKED, VALISE_EXIT_BUSY },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_NAME, VALISE_EXIT_USAGE },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE, VALISE_EXIT_REFUSED },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_DAMAGED, VALISE_EXIT_REFUSED },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_NEWER, VALISE_EXIT_REFUSED },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_UNSAFE, VALISE_EXIT_REFUSED },
  { valise_bundle_error_quark, VALISE_BUNDLE_ERROR_CORRUPT, VALISE_EXIT_REFUSED },
  { valise_snapshot_error_quark, VALISE_SNAPSHOT_ERROR_NOT_FOUND, VALISE_EXIT_NOT_FOUND },
  { valise_snapshot_error_quark, VALISE_SNAPSHOT_ERROR_AMBIGUOUS, VALISE_EXIT_NOT_FOUND },
  { valise_snapshot_error_quark, VALISE_SNAPSHOT_ERROR_NAME, VALISE_EXIT_USAGE },
  { valise_snapshot_error_quark, VALISE_SNAPSHOT_ERROR_FROZEN, VALISE_EXIT_STATE },
  { valise_snapshot_error_quark, -1, VALISE_EXIT_REFUSED },
  { valise_image_error_quark, VALISE_IMAGE_ERROR_DATA, VALISE_EXIT_DECISION },
  { valise_image_error_quark, -1, VALISE_EXIT_REFUSED },
  { valise_package_error_quark, VALISE_PACKAGE_ERROR_MISSING, VALISE_EXIT_NOT_FOUND },
  { valise_package_error_quark, -1, VALISE_EXIT_REFUSED },
  { valise_reader_error_quark, VALISE_READER_ERROR_CONFIGURATION, VALISE_EXIT_USAGE },
  { valise_reader_error_quark, VALISE_READER_ERROR_DECISION, VALISE_EXIT_DECISION },
  { valise_reader_error_quark, -1, VALISE_EXIT_REFUSED },
  { valise_process_error_quark, VALISE_PROCESS_ERROR_MISSING, VALISE_EXIT_HOST },
  { valise_effective_error_quark, -1, VALISE_EXIT_REFUSED },
  { valise_kernel_error_quark, VALISE_KERNEL_ERROR_UNREADABLE, VALISE_EXIT_NOT_FOUND },
  { valise_kernel_error_quark, -1, VALISE_EXIT_REFUSED },
  { valise_profile_error_quark, VALISE_PROFILE_ERROR_UNREADABLE, VALISE_EXIT_NOT_FOUND },
  { valise_profile_error_quark, -1, VALISE_EXIT_REFUSED },
  { valise_xml_error_quark, -1, VALISE_EXIT_REFUSED },
  { g_io_error_quark, G_IO_ERROR_NOT_FOUND, VALISE_EXIT_NOT_FOUND },
  { g_io_error_quark, G_IO_ERROR_EXISTS, VALISE_EXIT_EXISTS },
  { g_io_error_quark, G_IO_ERROR_WOULD_RECURSE, VALISE_EXIT_USAGE },
  { g_io_error_quark, G_IO_ERROR_CANCELLED, VALISE_EXIT_CANCELLED },
  { g_file_error_quark, G_FILE_ERROR_NOENT, VALISE_EXIT_NOT_FOUND },
};

const ValiseCommand *
valise_command_find (const char *name)
{
  for (const ValiseCommand *command = commands; command->name != NULL; command++)
    if (g_strcmp0 (command->name, name) == 0)
      return command;
  return NULL;
}

const ValiseCommand *
valise_command_table (void)
{
  return commands;
}

ValiseExit
valise_command_exit_code (const GError *error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (exit_rules); i++)
    if (exit_rules[i].domain () == error->domain && (exit_rules[i].code == -1 || exit_rules[i].code == error->code))
      return exit_rules[i].exit;
  return VALISE_EXIT_FAILED;
}

/* One document is what a reader of JSON expects: what was printed already says it. */
static void
print_error_json (ValiseCall *call, const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "error", error->message);
  _valise_json_add_string (builder, "domain", g_quark_to_string (error->domain));
  _valise_json_add_number (builder, "code", error->code);
  _valise_json_add_number (builder, "exit", valise_command_exit_code (error));
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

/* "head" and its like have read enough, and want no word about that. */
static gboolean
flush (ValiseCall *call, gboolean *is_unwanted, GError **error)
{
  gboolean was_lost = ferror (call->out) != 0;

  errno = 0;
  if (fflush (call->out) == 0 && !was_lost)
    return TRUE;
  *is_unwanted = errno == EPIPE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("What was to be printed could not be written: %s"),
               g_strerror (errno != 0 ? errno : EIO));
  return FALSE;
}

int
valise_command_fail (ValiseCall *call, const GError *error)
{
  fprintf (call->err, "valisectl: %s\n", error->message);
  if (call->json && !call->has_printed)
    print_error_json (call, error);
  fflush (call->out);
  fflush (call->err);
  return valise_command_exit_code (error);
}

int
valise_command_run (ValiseCall *call, char **arguments)
{
  g_autoptr (GError) error = NULL;
  const ValiseCommand *command = valise_command_find (arguments[0]);
  gboolean done = FALSE, is_unwanted = FALSE;

  if (command != NULL)
    done = command->run (call, arguments + 1, &error);
  else
    g_set_error (&error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                 _ ("There is no verb “%s”. Try valisectl --help."), arguments[0]);
  if (done && flush (call, &is_unwanted, &error))
    return call->exit;
  if (is_unwanted)
    return VALISE_EXIT_FAILED;
  /* A visitor's verb may not take the application down with it. */
  if (error == NULL)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("“%s” was not done."), arguments[0]);
  return valise_command_fail (call, error);
}
