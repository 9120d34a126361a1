/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libxml/SAX2.h>
#include <libxml/chvalid.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlregexp.h>

#include "base/valise-late.h"

/* libxml2, which brings ICU and the C++ library with it on Debian, is loaded by the first document: it would be a good
 * part of what the window of an empty library waits for. Nothing goes without it, so it ends the program when it is
 * missing. This header takes the place of all of libxml2's; whoever needs one more of its functions names it here, or
 * the program does not link. */
extern ValiseLate valise_libxml2;

#define __xmlGenericError VALISE_LATE (valise_libxml2, __xmlGenericError)
#define __xmlGenericErrorContext VALISE_LATE (valise_libxml2, __xmlGenericErrorContext)
#define xmlAddChild VALISE_LATE (valise_libxml2, xmlAddChild)
#define xmlAddPrevSibling VALISE_LATE (valise_libxml2, xmlAddPrevSibling)
#define xmlBufferContent VALISE_LATE (valise_libxml2, xmlBufferContent)
#define xmlBufferCreate VALISE_LATE (valise_libxml2, xmlBufferCreate)
#define xmlBufferFree VALISE_LATE (valise_libxml2, xmlBufferFree)
#define xmlChildElementCount VALISE_LATE (valise_libxml2, xmlChildElementCount)
#define xmlCopyNode VALISE_LATE (valise_libxml2, xmlCopyNode)
#define xmlCtxtGetLastError VALISE_LATE (valise_libxml2, xmlCtxtGetLastError)
#define xmlCtxtReadMemory VALISE_LATE (valise_libxml2, xmlCtxtReadMemory)
#define xmlDocCopyNode VALISE_LATE (valise_libxml2, xmlDocCopyNode)
#define xmlDocDumpFormatMemory VALISE_LATE (valise_libxml2, xmlDocDumpFormatMemory)
#define xmlDocDumpFormatMemoryEnc VALISE_LATE (valise_libxml2, xmlDocDumpFormatMemoryEnc)
#define xmlDocDumpMemory VALISE_LATE (valise_libxml2, xmlDocDumpMemory)
#define xmlDocGetRootElement VALISE_LATE (valise_libxml2, xmlDocGetRootElement)
#define xmlDocSetRootElement VALISE_LATE (valise_libxml2, xmlDocSetRootElement)
#define xmlFirstElementChild VALISE_LATE (valise_libxml2, xmlFirstElementChild)
#define xmlFreeDoc VALISE_LATE (valise_libxml2, xmlFreeDoc)
#define xmlFreeNode VALISE_LATE (valise_libxml2, xmlFreeNode)
#define xmlFreeParserCtxt VALISE_LATE (valise_libxml2, xmlFreeParserCtxt)
#define xmlGetLineNo VALISE_LATE (valise_libxml2, xmlGetLineNo)
#define xmlGetNoNsProp VALISE_LATE (valise_libxml2, xmlGetNoNsProp)
#define xmlHasProp VALISE_LATE (valise_libxml2, xmlHasProp)
#define xmlIsBlankNode VALISE_LATE (valise_libxml2, xmlIsBlankNode)
#define xmlNewChild VALISE_LATE (valise_libxml2, xmlNewChild)
#define xmlNewDoc VALISE_LATE (valise_libxml2, xmlNewDoc)
#define xmlNewDocNode VALISE_LATE (valise_libxml2, xmlNewDocNode)
#define xmlNewNode VALISE_LATE (valise_libxml2, xmlNewNode)
#define xmlNewNs VALISE_LATE (valise_libxml2, xmlNewNs)
#define xmlNewParserCtxt VALISE_LATE (valise_libxml2, xmlNewParserCtxt)
#define xmlNewProp VALISE_LATE (valise_libxml2, xmlNewProp)
#define xmlNewTextChild VALISE_LATE (valise_libxml2, xmlNewTextChild)
#define xmlNextElementSibling VALISE_LATE (valise_libxml2, xmlNextElementSibling)
#define xmlNodeAddContent VALISE_LATE (valise_libxml2, xmlNodeAddContent)
#define xmlNodeDump VALISE_LATE (valise_libxml2, xmlNodeDump)
#define xmlNodeGetContent VALISE_LATE (valise_libxml2, xmlNodeGetContent)
#define xmlNodeIsText VALISE_LATE (valise_libxml2, xmlNodeIsText)
#define xmlNodeSetContent VALISE_LATE (valise_libxml2, xmlNodeSetContent)
#define xmlReadFile VALISE_LATE (valise_libxml2, xmlReadFile)
#define xmlReadMemory VALISE_LATE (valise_libxml2, xmlReadMemory)
#define xmlRegFreeRegexp VALISE_LATE (valise_libxml2, xmlRegFreeRegexp)
#define xmlRegexpCompile VALISE_LATE (valise_libxml2, xmlRegexpCompile)
#define xmlRegexpExec VALISE_LATE (valise_libxml2, xmlRegexpExec)
#define xmlRelaxNGFree VALISE_LATE (valise_libxml2, xmlRelaxNGFree)
#define xmlRelaxNGFreeParserCtxt VALISE_LATE (valise_libxml2, xmlRelaxNGFreeParserCtxt)
#define xmlRelaxNGFreeValidCtxt VALISE_LATE (valise_libxml2, xmlRelaxNGFreeValidCtxt)
#define xmlRelaxNGNewParserCtxt VALISE_LATE (valise_libxml2, xmlRelaxNGNewParserCtxt)
#define xmlRelaxNGNewValidCtxt VALISE_LATE (valise_libxml2, xmlRelaxNGNewValidCtxt)
#define xmlRelaxNGParse VALISE_LATE (valise_libxml2, xmlRelaxNGParse)
#define xmlRelaxNGSetParserErrors VALISE_LATE (valise_libxml2, xmlRelaxNGSetParserErrors)
#define xmlRelaxNGSetValidErrors VALISE_LATE (valise_libxml2, xmlRelaxNGSetValidErrors)
#define xmlRelaxNGValidateDoc VALISE_LATE (valise_libxml2, xmlRelaxNGValidateDoc)
#define xmlSAX2StartElementNs VALISE_LATE (valise_libxml2, xmlSAX2StartElementNs)
#define xmlSearchNs VALISE_LATE (valise_libxml2, xmlSearchNs)
#define xmlSearchNsByHref VALISE_LATE (valise_libxml2, xmlSearchNsByHref)
#define xmlSetGenericErrorFunc VALISE_LATE (valise_libxml2, xmlSetGenericErrorFunc)
#define xmlSetNs VALISE_LATE (valise_libxml2, xmlSetNs)
#define xmlSetProp VALISE_LATE (valise_libxml2, xmlSetProp)
#define xmlStopParser VALISE_LATE (valise_libxml2, xmlStopParser)
#define xmlStrEqual VALISE_LATE (valise_libxml2, xmlStrEqual)
#define xmlUnlinkNode VALISE_LATE (valise_libxml2, xmlUnlinkNode)
#define xmlUnsetProp VALISE_LATE (valise_libxml2, xmlUnsetProp)
#define xmlValidateNCName VALISE_LATE (valise_libxml2, xmlValidateNCName)

/* A pointer to a function, where the others are functions. */
#define xmlFree (*VALISE_LATE (valise_libxml2, xmlFree))
