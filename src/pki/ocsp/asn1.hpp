// What requests and responses of OCSP share when they are read and written; private to pki.
#pragma once
#include <openssl/ocsp.h>

#include <optional>

#include "pki/asn1.hpp"
#include "pki/ocsp/request.hpp"

namespace tf::pki::ocsp {

using RequestHandle = crypto::Handle<OCSP_REQUEST, OCSP_REQUEST_free>;
using ResponseHandle = crypto::Handle<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicHandle = crypto::Handle<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using CertIdHandle = crypto::Handle<OCSP_CERTID, OCSP_CERTID_free>;
using ExtensionHandle = crypto::Handle<X509_EXTENSION, X509_EXTENSION_free>;

// Code::refused "ocsp.hash" for other hashes, Code::malformed "ocsp.request" for hashes of a wrong size and numbers that
// are no serial numbers.
Result<CertId> read_cert_id(OCSP_CERTID* id);
Result<CertId> read_cert_id(ByteView der);  // strictly: all of it, and DER
// The same, where it is written as nearly all clients do, with or without NULL as the hash's parameter; none for others.
std::optional<CertId> read_usual_cert_id(ByteView der);
CertIdHandle native_of(const CertId& id);

// The octets are one value of this tag and nothing else; what is in it is not looked at.
bool is_one_value(ByteView der, int number);

// The nonce extension with its value, an OCTET STRING within the extension's (RFC 9654 §2.1).
ExtensionHandle nonce_extension(ByteView nonce);
// none for another extension. Code::malformed "ocsp.nonce".
Result<std::optional<Bytes>> nonce_of(X509_EXTENSION* extension);
// Of an extension that is a nonce and as DER has it; none for others.
std::optional<Bytes> usual_nonce_of(ByteView extension);

// The structure that begins with the version, tagged [0], names one. Version 1 is the default, which DER leaves out,
// and there is no other. outer: how many SEQUENCEs stand around it.
bool names_version(ByteView der, int outer);

}  // namespace tf::pki::ocsp
