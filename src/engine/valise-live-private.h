/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-finding.h"
#include "bundle/valise-document.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-live-answers-private.h"

G_BEGIN_DECLS

/**
 * _valise_live_change:
 * @domain: a running one
 * @before: the stored document it was last in step with
 * @after: the stored document now
 * @effective: what libvirt would get for @after
 * @answers: learns what the guest has been asked for and answers by itself; to be waited for afterwards
 * @findings: (element-type ValiseFinding): gets what was refused at once
 *
 * Changes what a running machine can change of what differs between @before and @after: media of drives, limits of
 * disks and network cards, link state, the balloon's memory, the number of processors in use, devices that come and go
 * (valise_live_kinds). What needs a restart in any case is left alone.
 */
void _valise_live_change (virDomainPtr domain,
                          ValiseDocument *before,
                          ValiseDocument *after,
                          ValiseDocument *effective,
                          ValiseLiveAnswers *answers,
                          GPtrArray *findings);

G_END_DECLS
