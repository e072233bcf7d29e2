// [pki]
#include <fmt/format.h>

#include "platform/config/table.hpp"

namespace tf::platform {

std::string PkiConfig::public_url() const {
  std::string out = url.empty() ? fmt::format("http://{}:{}", listen.address, listen.port == 0 ? 8446 : listen.port) : url;
  while (out.ends_with('/')) out.pop_back();
  return out;
}

namespace configuration {

Status read_pki(const toml::table& toml, Config& config) {
  Table table(toml, "pki.");
  config.pki.listen = TF_TRY(table.listen("listen", config.pki.listen));
  config.pki.url = TF_TRY(table.text("url", config.pki.url));
  if (!config.pki.url.empty() && !config.pki.url.starts_with("http://"))
    return Error{Code::invalid, "config.value", "pki.url begins with http://: what is fetched there is signed, and fetching it must not need a certificate"};
  TF_CHECK(table.integer("shards", 1, 4096, config.pki.shards));
  TF_CHECK(table.integer("list_hours", 1, 24 * 30, config.pki.list_hours));
  config.pki.ocsp_rsa = TF_TRY(table.choice("ocsp_key", "P-256", "RSA-2048", config.pki.ocsp_rsa));
  if (const toml::table* est = TF_TRY(table.table("est"))) {
    Table inner(*est, "pki.est.");
    config.pki.est.listen = TF_TRY(inner.listen("listen", config.pki.est.listen));
    TF_CHECK(inner.texts("labels", config.pki.est.labels));
    config.pki.est.default_label = TF_TRY(inner.text("default_label", ""));
    TF_CHECK(inner.texts("by_certificate", config.pki.est.by_certificate));
    TF_CHECK(inner.integer("retry_after_s", 1, 86'400, config.pki.est.retry_after_s));
    TF_CHECK(inner.finish());
  }
  return table.finish();
}

std::string text_of(const PkiConfig& pki) {
  return fmt::format(R"(
[pki]
listen = "{}"      # ADDRESS:PORT for everybody, plain HTTP: revocation lists and OCSP; port 0: off
url = "{}"   # how the world reaches it; stands in every certificate
shards = {}                           # of each revocation list; stays as long as its certificates live
list_hours = {}                       # until a list's next update; renewed at half of that
ocsp_key = "{}"                    # "RSA-2048" for clients that know nothing else

# [pki.est]                           # enrolment over EST (RFC 7030) on TLS
# listen = "0.0.0.0:8447"
# labels = ["device", "server"]       # profiles offered: /.well-known/est/LABEL/simpleenroll
# default_label = "device"            # of paths without a label
# by_certificate = ["device:server"]  # who has a certificate of the one profile enrols for the other by it
)", pki.listen.text(), pki.public_url(), pki.shards, pki.list_hours, pki.ocsp_rsa ? "RSA-2048" : "P-256");
}

}  // namespace configuration
}  // namespace tf::platform
