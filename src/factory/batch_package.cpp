#include "factory/batch_package.hpp"

#include "pki/path/path.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::factory {
namespace {

using wire::JsonObject;
using wire::JsonWriter;

constexpr wire::JsonLimits kLimits{.size = 64 * 1024, .depth = 4};

Result<Bytes> bytes_in(JsonObject& object, std::string_view name) { return wire::from_base64(TF_TRY(object.text(name, 8192))); }

}  // namespace

std::string encode(const LoaderRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("loader", request.name).member("wrap_key", wire::base64(request.wrap_key));
  writer.member("certificate_request", wire::base64(request.certificate_request));
  return writer.member("log_key", wire::base64(request.log_key)).end_object().take();
}

Result<LoaderRequest> decode_loader_request(std::string_view text) {
  auto object = TF_TRY(JsonObject::parse(text, kLimits));
  LoaderRequest out;
  out.name = TF_TRY(object.text("loader", 64));
  out.wrap_key = TF_TRY(bytes_in(object, "wrap_key"));
  out.certificate_request = TF_TRY(bytes_in(object, "certificate_request"));
  out.log_key = TF_TRY(bytes_in(object, "log_key"));
  TF_CHECK(object.finish());
  return out;
}

std::string payload_of(const BatchPackage& package) {
  JsonWriter writer;
  writer.begin_object().member("batch", package.batch).member("range", package.range.text()).key("dik1").begin_object();
  for (const auto& [suite, jwe] : package.dik1) writer.member(rki::name_of(suite), jwe);
  writer.end_object().key("issuing_chain").begin_array();
  for (const Bytes& certificate : package.issuing_chain) writer.value(wire::base64(certificate));
  return writer.end_array().member("root", wire::base64(package.root)).end_object().take();
}

Result<BatchPackage> parse_payload(std::string_view payload) {
  auto object = TF_TRY(JsonObject::parse(payload, kLimits));
  BatchPackage out{.batch = TF_TRY(object.text("batch", 64)), .range = TF_TRY(wire::DsnRange::parse(TF_TRY(object.text("range", 80)))),
                   .dik1 = {}, .issuing_chain = {}, .root = {}};
  auto dik1 = TF_TRY(object.object("dik1"));
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern})
    if (dik1.has(rki::name_of(suite))) out.dik1[suite] = TF_TRY(dik1.text(rki::name_of(suite), 2048));
  TF_CHECK(dik1.finish());
  for (const std::string& text : TF_TRY(object.texts("issuing_chain", 4, 8192)))
    out.issuing_chain.push_back(TF_TRY(wire::from_base64(text)));
  out.root = TF_TRY(bytes_in(object, "root"));
  TF_CHECK(object.finish());
  return out;
}

Result<BatchPackage> verify_package(std::string_view jws, const pki::Certificate& root, std::int64_t now_ms) {
  const auto unverified = TF_TRY(crypto::jws_parse_es256(jws, kPackageType));
  if (unverified.chain.empty()) return Error{Code::refused, "factory.package_unsigned", "the package carries no certificate"};
  const pki::Certificate signer = TF_TRY(pki::Certificate::from_der(unverified.chain.front()));
  const std::string payload = TF_TRY(crypto::jws_verify_es256(TF_TRY(signer.public_key()), kPackageType, jws));
  BatchPackage package = TF_TRY(parse_payload(payload));
  for (const wire::Dsn& end : {package.range.from(), package.range.to()}) {
    TF_CHECK(pki::validate_path({.leaf = signer, .intermediates = {}, .anchors = {root}, .at_ms = now_ms,
                                 .usage = pki::Usage::key_distribution_host, .dsn = end}));
  }
  std::vector<pki::Certificate> chain;
  for (const Bytes& der : package.issuing_chain) chain.push_back(TF_TRY(pki::Certificate::from_der(der)));
  if (chain.empty()) return Error{Code::refused, "factory.package_chain", "the package has no issuing certificate"};
  for (const wire::Dsn& end : {package.range.from(), package.range.to()}) {
    TF_CHECK(pki::validate_path({.leaf = chain.front(), .intermediates = {chain.begin() + 1, chain.end()}, .anchors = {root},
                                 .at_ms = now_ms, .usage = pki::Usage::loader, .dsn = end}));
  }
  return package;
}

}  // namespace tf::factory
