#include "xml/security_signature.hpp"

#include <libxml/c14n.h>
#include <xmlsec/buffer.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "xml/private.hpp"
#include "xml/security_form.hpp"
#include "xml/security_library.hpp"

namespace tf::xml {
namespace {

using SignatureContext = SecHandle<xmlSecDSigCtx, xmlSecDSigCtxDestroy>;

// A node of the subtree at top? Attributes and namespaces go with their element.
int within(void* top, xmlNodePtr node, xmlNodePtr parent) {
  const bool own = node != nullptr && node->type != XML_NAMESPACE_DECL && node->type != XML_ATTRIBUTE_NODE;
  for (xmlNodePtr at = own ? node : parent; at != nullptr; at = at->parent)
    if (at == top) return 1;
  return 0;
}

// Exclusive canonical form, without comments, of an element.
Result<Bytes> canonical(xmlDocPtr document, xmlNodePtr top) {
  const std::unique_ptr<xmlOutputBuffer, decltype([](xmlOutputBufferPtr each) { (void)xmlOutputBufferClose(each); })> out(xmlAllocOutputBuffer(nullptr));
  if (!out || xmlC14NExecute(document, within, top, XML_C14N_EXCLUSIVE_1_0, nullptr, 0, out.get()) < 0)
    return Error{Code::internal, "xml.canonical", "libxml2 gives no canonical form"};
  const xmlChar* text = xmlOutputBufferGetContent(out.get());
  return Bytes(text, text + xmlOutputBufferGetSize(out.get()));
}

void add_algorithm(Element parent, std::string_view name, std::string_view algorithm) {
  parent.add({kDsig, name}).set({"", "Algorithm"}, algorithm);
}

Element add_signed_info(Element signature, std::string_view id, crypto::KeyKind kind, const Hash256& digest) {
  Element info = signature.add({kDsig, "SignedInfo"});
  add_algorithm(info, "CanonicalizationMethod", kExclusive);
  add_algorithm(info, "SignatureMethod", std::string(kDsigMore) + (kind == crypto::KeyKind::p256 ? "ecdsa-sha256" : "rsa-sha256"));
  Element reference = info.add({kDsig, "Reference"});
  reference.set({"", "URI"}, "#" + std::string(id));
  Element transforms = reference.add({kDsig, "Transforms"});
  add_algorithm(transforms, "Transform", std::string(kDsig) + "enveloped-signature");
  add_algorithm(transforms, "Transform", kExclusive);
  add_algorithm(reference, "DigestMethod", std::string(kXenc) + "sha256");
  reference.add({kDsig, "DigestValue"}, wire::base64(digest));
  return info;
}

// Nothing but what signature_form() let through is switched on, whatever the library knows besides.
bool allow_only_ours(xmlSecDSigCtxPtr context, crypto::KeyKind kind) {
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  context->flags |= XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
  const xmlSecTransformId method = kind == crypto::KeyKind::p256 ? xmlSecOpenSSLTransformEcdsaSha256Id : xmlSecOpenSSLTransformRsaSha256Id;
  return xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformEnvelopedId) == 0 &&
         xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformExclC14NId) == 0 &&
         xmlSecDSigCtxEnableReferenceTransform(context, xmlSecOpenSSLTransformSha256Id) == 0 &&
         xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformExclC14NId) == 0 && xmlSecDSigCtxEnableSignatureTransform(context, method) == 0;
}

// The octets that were hashed.
Result<Bytes> hashed_octets(xmlSecDSigCtxPtr context) {
  const Error none{Code::refused, "xml.signature", "the signature is not right"};
  if (xmlSecPtrListGetSize(&context->signedInfoReferences) != 1) return none;
  auto* reference = static_cast<xmlSecDSigReferenceCtxPtr>(xmlSecPtrListGetItem(&context->signedInfoReferences, 0));
  if (reference == nullptr || reference->status != xmlSecDSigStatusSucceeded) return none;
  xmlSecBufferPtr buffer = xmlSecDSigReferenceCtxGetPreDigestBuffer(reference);
  if (buffer == nullptr || xmlSecBufferGetData(buffer) == nullptr) return none;
  return Bytes(xmlSecBufferGetData(buffer), xmlSecBufferGetData(buffer) + xmlSecBufferGetSize(buffer));
}

Result<Bytes> verified_octets(const Element& signature, const SignatureForm& form, const crypto::PublicKey& key) {
  const Error wrong{Code::refused, "xml.signature", "the signature is not right"};
  if (key.kind() != form.kind) return Error{Code::refused, "xml.algorithm", "the key is of another kind than the signature"};
  const SignatureContext context(xmlSecDSigCtxCreate(nullptr));
  SecKey owned = public_key_for(key);
  if (!context || !owned || !allow_only_ours(context.get(), form.kind)) return Error{Code::internal, "xml.verify", "libxmlsec1 takes no such key"};
  context->signKey = owned.release();
  if (xmlSecDSigCtxVerify(context.get(), Raw::of(signature)) < 0 || context->status != xmlSecDSigStatusSucceeded) return wrong;
  return hashed_octets(context.get());
}

Status register_id(xmlNodePtr root) {
  xmlAttrPtr attribute = xmlHasNsProp(root, BAD_CAST "Id", nullptr);
  if (attribute == nullptr || attribute->children == nullptr) return Error{Code::refused, "xml.root", "no Id"};
  if (attribute->atype != XML_ATTRIBUTE_ID && xmlAddID(nullptr, root->doc, attribute->children->content, attribute) == nullptr)
    return Error{Code::refused, "xml.duplicate_id", "the root's"};
  return {};
}

}  // namespace

Status sign(Document& document, const Signer& signer) {
  start_security();
  Element root = document.root();
  const std::optional<std::string> id = root.attribute({"", "Id"});
  if (!id || !is_ncname(*id)) return Error{Code::invalid, "xml.id", "the root has no Id to refer to"};
  if (signer.chain.empty() || signer.chain.size() > kMaxChain) return Error{Code::invalid, "xml.signer", "a chain of 1 to 4 certificates"};
  const Bytes content = TF_TRY(canonical(Raw::of(document), Raw::of(root)));
  Element signature = root.add({kDsig, "Signature"});
  const Element info = add_signed_info(signature, *id, signer.kind, crypto::sha256(content));
  const Bytes value = TF_TRY(signer.sign(TF_TRY(canonical(Raw::of(document), Raw::of(info)))));
  signature.add({kDsig, "SignatureValue"}, wire::base64(value));
  Element data = signature.add({kDsig, "KeyInfo"}).add({kDsig, "X509Data"});
  for (const Bytes& certificate : signer.chain) data.add({kDsig, "X509Certificate"}, wire::base64(certificate));
  return {};
}

Result<Verified> verify(ByteView document, const Expected& expected, const SignatureKey& key) {
  start_security();
  const Document read = TF_TRY(Document::parse(document, expected.limits));
  const Element root = read.root();
  if (!root.is(expected.root) || !is_ncname(expected.id) || root.attribute({"", "Id"}) != expected.id)
    return Error{Code::refused, "xml.root", "another element or Id than the one expected"};
  TF_CHECK(distinct_ids(read));
  const Element signature = TF_TRY(only_signature(read));
  SignatureForm form = TF_TRY(signature_form(signature, expected.id));
  const crypto::PublicKey with = TF_TRY(key(form.chain));
  TF_CHECK(register_id(Raw::of(root)));
  const Bytes octets = TF_TRY(verified_octets(signature, form, with));
  return Verified{TF_TRY(Document::parse(octets, expected.limits)), std::move(form.chain)};
}

}  // namespace tf::xml
