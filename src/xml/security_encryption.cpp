#include "xml/security_encryption.hpp"

#include <xmlsec/keysmngr.h>
#include <xmlsec/xmlenc.h>

#include <algorithm>

#include "xml/private.hpp"
#include "xml/security_form.hpp"
#include "xml/security_library.hpp"

namespace tf::xml {
namespace {

using EncryptionContext = SecHandle<xmlSecEncCtx, xmlSecEncCtxDestroy>;
using KeysManager = SecHandle<xmlSecKeysMngr, xmlSecKeysMngrDestroy>;
using KeyStore = SecHandle<xmlSecKeyStore, xmlSecKeyStoreDestroy>;
using DocumentHandle = SecHandle<xmlDoc, xmlFreeDoc>;

const std::string kContent = std::string(kXenc11) + "aes256-gcm";
const std::string kTransport = std::string(kXenc) + "rsa-oaep-mgf1p";
const std::string kOaepHash = std::string(kDsig) + "sha1";
constexpr std::size_t kIv = 12;
constexpr std::size_t kTag = 16;

Error failed(const char* what) { return {Code::internal, "xml.encrypt", what}; }

// The tree's copy of what was encrypted.
void wipe_texts(xmlNodePtr node) {
  for (xmlNodePtr each = node->children; each != nullptr; each = each->next) {
    if (each->type == XML_ELEMENT_NODE) wipe_texts(each);
    else if (each->content != nullptr) wipe(each->content, static_cast<std::size_t>(xmlStrlen(each->content)));
  }
}

// The element as a document of its own: with every namespace declared that it uses.
Result<SecretBytes> standing_alone(xmlNodePtr node) {
  const DocumentHandle document(xmlNewDoc(BAD_CAST "1.0"));
  xmlNodePtr copy = document ? xmlDocCopyNode(node, document.get(), 1) : nullptr;
  if (copy == nullptr) return failed("copying");
  xmlDocSetRootElement(document.get(), copy);
  const SecHandle<xmlNode, wipe_texts> wiped(copy);
  const SecHandle<xmlBuffer, xmlBufferFree> buffer(xmlBufferCreate());
  if (!buffer || xmlNodeDump(buffer.get(), document.get(), copy, 0, 0) < 0) return failed("writing");
  SecretBytes out(ByteView(xmlBufferContent(buffer.get()), static_cast<std::size_t>(xmlBufferLength(buffer.get()))));
  wipe(const_cast<xmlChar*>(xmlBufferContent(buffer.get())), out.size());
  return out;
}

// What the library fills in.
Element add_template(Element parent) {
  Element data = parent.add(kEncryptedData);
  data.set({"", "Type"}, std::string(kXenc) + "Element");
  data.add({kXenc, "EncryptionMethod"}).set({"", "Algorithm"}, kContent);
  Element key = data.add({kDsig, "KeyInfo"}).add({kXenc, "EncryptedKey"});
  Element method = key.add({kXenc, "EncryptionMethod"});
  method.set({"", "Algorithm"}, kTransport);
  method.add({kDsig, "DigestMethod"}).set({"", "Algorithm"}, kOaepHash);
  key.add({kXenc, "CipherData"}).add({kXenc, "CipherValue"});
  data.add({kXenc, "CipherData"}).add({kXenc, "CipherValue"});
  return data;
}

// Asked for the recipient's key alone. The library's own search asks OpenSSL of a key what it is, by all its numbers, and then asks once more.
xmlSecKeyPtr only_key(xmlNodePtr, xmlSecKeyInfoCtxPtr context) {
  xmlSecKeyStorePtr store = xmlSecKeysMngrGetKeysStore(context->keysMngr);
  xmlSecPtrListPtr keys = store == nullptr ? nullptr : xmlSecSimpleKeysStoreGetKeys(store);
  return keys == nullptr || xmlSecPtrListGetSize(keys) != 1 ? nullptr : xmlSecKeyDuplicate(static_cast<xmlSecKeyPtr>(xmlSecPtrListGetItem(keys, 0)));
}

// One key and no more: the library's own managers also read the system's certificates, each time.
Result<KeysManager> manager_with(const crypto::PublicKey& recipient) {
  KeysManager manager(xmlSecKeysMngrCreate());
  KeyStore store(xmlSecKeyStoreCreate(xmlSecSimpleKeysStoreId));
  SecKey key = public_key_for(recipient);
  if (!manager || !store || !key || xmlSecSimpleKeysStoreAdoptKey(store.get(), key.get()) < 0) return failed("libxmlsec1 takes no such key");
  (void)key.release();
  if (xmlSecKeysMngrAdoptKeysStore(manager.get(), store.get()) < 0) return failed("no keys manager");
  (void)store.release();
  manager->getKey = only_key;
  return manager;
}

Status fill(const Element& data, const SecretBytes& plaintext, const crypto::PublicKey& recipient) {
  const KeysManager manager = TF_TRY(manager_with(recipient));
  const EncryptionContext context(xmlSecEncCtxCreate(manager.get()));
  if (!context) return failed("context");
  context->encKey = xmlSecKeyGenerateByName(BAD_CAST "aes", 256, xmlSecKeyDataTypeSession);
  const ByteView bytes = plaintext.reveal();
  if (context->encKey == nullptr || xmlSecEncCtxBinaryEncrypt(context.get(), Raw::of(data), bytes.data(), static_cast<xmlSecSize>(bytes.size())) < 0)
    return failed("libxmlsec1 does not encrypt");
  return {};
}

Error malformed(std::string_view where) { return {Code::malformed, "xml.encrypted_data", std::string(where)}; }

// The element says this algorithm; beside it stands at most the hash of OAEP, when it is the one we mean.
Status check_method(const Element& parent, std::string_view algorithm, bool oaep) {
  const Element method = TF_TRY(parent.child({kXenc, "EncryptionMethod"}));
  if (method.attribute({"", "Algorithm"}) != algorithm) return Error{Code::refused, "xml.algorithm", method.attribute({"", "Algorithm"}).value_or("none")};
  for (const Element& each : method.children())
    if (!oaep || !each.is({kDsig, "DigestMethod"}) || each.attribute({"", "Algorithm"}) != kOaepHash)
      return Error{Code::refused, "xml.algorithm", std::string(each.local())};
  return {};
}

Result<Bytes> cipher_value(const Element& parent) {
  const Element data = TF_TRY(parent.child({kXenc, "CipherData"}));
  if (data.children().size() != 1) return malformed("CipherData");
  auto value = base64_text(TF_TRY(data.child({kXenc, "CipherValue"})));
  if (!value) return malformed("CipherValue");
  return value;
}

// Only elements of these names.
Status only(const Element& element, std::initializer_list<Name> names) {
  for (const Element& child : element.children())
    if (std::ranges::none_of(names, [&](Name name) { return child.is(name); })) return malformed(child.local());
  return {};
}

}  // namespace

void wipe_texts(Element element) { wipe_texts(Raw::of(element)); }

Status encrypt(Element element, const crypto::PublicKey& recipient) {
  start_security();
  if (recipient.kind() != crypto::KeyKind::rsa) return Error{Code::invalid, "xml.recipient", "an RSA key is wanted"};
  xmlNodePtr node = Raw::of(element);
  if (node->parent == nullptr || node->parent->type != XML_ELEMENT_NODE) return Error{Code::invalid, "xml.recipient", "the root cannot be encrypted"};
  const SecretBytes plaintext = TF_TRY(standing_alone(node));
  const Element data = add_template(Raw::element(node->parent));
  xmlNodePtr made = Raw::of(data);
  if (const Status filled = fill(data, plaintext, recipient); !filled) {
    xmlUnlinkNode(made);
    xmlFreeNode(made);
    return filled.error();
  }
  xmlUnlinkNode(made);
  xmlReplaceNode(node, made);
  wipe_texts(node);
  xmlFreeNode(node);
  return {};
}

Result<EncryptedParts> encrypted_parts(const Element& data) {
  if (!data.is(kEncryptedData)) return malformed("EncryptedData");
  TF_CHECK(check_method(data, kContent, false));
  TF_CHECK(only(data, {{kXenc, "EncryptionMethod"}, {kDsig, "KeyInfo"}, {kXenc, "CipherData"}}));
  const Element info = TF_TRY(data.child({kDsig, "KeyInfo"}));
  TF_CHECK(only(info, {{kXenc, "EncryptedKey"}, {kDsig, "KeyName"}}));
  const Element key = TF_TRY(info.child({kXenc, "EncryptedKey"}));
  TF_CHECK(check_method(key, kTransport, true));
  TF_CHECK(only(key, {{kXenc, "EncryptionMethod"}, {kDsig, "KeyInfo"}, {kXenc, "CipherData"}}));
  EncryptedParts out;
  out.wrapped_key = TF_TRY(cipher_value(key));
  const Bytes content = TF_TRY(cipher_value(data));
  if (out.wrapped_key.empty() || content.size() < kIv + kTag) return malformed("CipherValue");
  const ByteView all(content);
  out.iv = to_bytes(all.first(kIv));
  out.ciphertext = to_bytes(all.subspan(kIv, all.size() - kIv - kTag));
  out.tag = to_bytes(all.last(kTag));
  return out;
}

}  // namespace tf::xml
