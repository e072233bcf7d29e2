#include "platform/rki/batches.hpp"

#include <fmt/format.h>

#include <map>

#include "factory/batch_package.hpp"
#include "factory/loader_log.hpp"
#include "pki/issue.hpp"
#include "pki/request/certificate_request.hpp"
#include "platform/rki/store.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;

constexpr std::string_view kBatchColumns = "SELECT id, dsn_from, dsn_to, loader, issued_at_ms FROM rki_batches";

Result<BatchRecord> record_from(const Row& row) {
  auto from = TF_TRY(wire::Dsn::parse(row.text(1)));
  auto to = TF_TRY(wire::Dsn::parse(row.text(2)));
  return BatchRecord{row.text(0), TF_TRY(wire::DsnRange::make(std::move(from), std::move(to))), row.text(3), row.integer(4)};
}

Status check_free(Session& session, const wire::DsnRange& range) {
  std::string taken;
  TF_CHECK(session.query("SELECT id FROM rki_batches WHERE dsn_size = $1 AND dsn_from <= $2 AND dsn_to >= $3",
                         {static_cast<std::int64_t>(range.from().text().size()), std::string_view(range.to().text()),
                          std::string_view(range.from().text())},
                         [&](const Row& row) -> Status {
                           taken = row.text(0);
                           return {};
                         }));
  if (taken.empty()) return {};
  return Error{Code::conflict, "batches.overlap", "the range touches batch " + taken + "; one DIK1 serves one batch only"};
}

Result<pki::Certificate> issuing_certificate(Context& context, const wire::DsnRange& range, const factory::LoaderRequest& request) {
  const auto loader = TF_TRY(pki::CertificateRequest::from_der(request.certificate_request));
  const OwnCertificate ca = TF_TRY(context.certificates.current(kind::estate_ca));
  const pki::Issuer issuer{ca.certificate, TF_TRY(context.vault.signing_handle(ca.key_name))};
  return pki::issue_loader_certificate(issuer, request.name, loader.public_key(), {range},
                                       {context.clock.now_ms(), pki::kLoaderDays}, context.random);
}

// The work certificate that serves the first serial, if it serves them all: the modern one signs the package, and a loader
// refuses a package beyond its signer's range.
Result<rki::WorkCertificate> certificate_for_all(Context& context, rki::Suite suite, const wire::DsnRange& range) {
  auto work = TF_TRY(context.certificates.work_certificate(suite, range.from()));
  for (const wire::DsnRange& served : TF_TRY(TF_TRY(pki::Certificate::from_der(work.chain.front())).dsn_ranges()))
    if (served.contains(range)) return work;
  return Error{Code::refused, "batches.range", "the work certificate serves " + range.from().text() + ", but not all of " + range.text()};
}

}  // namespace

Result<std::vector<BatchRecord>> list_batches(Context& context) {
  std::vector<BatchRecord> out;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    return session.query(std::string(kBatchColumns) + " ORDER BY id", {}, [&](const Row& row) -> Status {
      out.push_back(TF_TRY(record_from(row)));
      return {};
    });
  }));
  return out;
}

Result<std::string> issue_batch(Context& context, const std::string& actor, const std::string& id, const wire::DsnRange& range,
                                const rki::SuitePolicy& suites, std::string_view loader_request) {
  const auto request = TF_TRY(factory::decode_loader_request(loader_request));
  // What is not served would be personalised in vain.
  const rki::WorkCertificate work = TF_TRY(certificate_for_all(context, rki::Suite::modern, range));
  if (suites.allows(rki::Suite::classic)) TF_TRY(certificate_for_all(context, rki::Suite::classic, range));
  const auto wrap_key = TF_TRY(crypto::PublicKey::from_spki(request.wrap_key));
  TF_TRY(crypto::PublicKey::from_spki(request.log_key));
  const auto certificate = TF_TRY(issuing_certificate(context, range, request));

  factory::BatchPackage package{id, range, {}, {certificate.der(), TF_TRY(context.certificates.current(kind::estate_ca)).certificate.der()},
                                TF_TRY(context.certificates.current(kind::root)).certificate.der()};
  std::map<rki::Suite, vault::Made> dik1;
  for (const rki::Suite suite : suites.suites()) {
    const auto spec = dik1_spec(suite);
    const auto row = dik1_row(id, suite);
    auto made = TF_TRY(context.vault.generate(spec, row));
    package.dik1[suite] = TF_TRY(context.vault.seal_to({made.wrapped, spec, row}, wrap_key, factory::kDik1Type));
    dik1.emplace(suite, std::move(made));
  }
  const auto sign = [&](ByteView data) { return context.vault.sign_es256(work.key_name, data); };
  std::string jws = TF_TRY(crypto::jws_sign_es256(sign, factory::kPackageType, factory::payload_of(package), work.chain));

  const std::string detail = fmt::format(R"({{"range":"{}","suites":"{}","loader_certificate":"{}"}})", range.text(), suites.text(), certificate.serial_hex());
  TF_CHECK(perform_act(context, {actor, "batches.issue", id, detail}, [&](Session& session) -> Status {
    TF_CHECK(check_free(session, range));
    TF_TRY(session.execute("INSERT INTO rki_batches (id, dsn_from, dsn_to, dsn_size, loader, log_key, issued_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                           {std::string_view(id), std::string_view(range.from().text()), std::string_view(range.to().text()),
                            static_cast<std::int64_t>(range.from().text().size()), std::string_view(request.name), ByteView(request.log_key),
                            context.clock.now_ms()}));
    for (const auto& [suite, made] : dik1)
      TF_TRY(session.execute("INSERT INTO rki_dik1 (batch, suite, kek, wrapped, kcv) VALUES ($1, $2, $3, $4, $5)",
                             {std::string_view(id), rki::name_of(suite), std::string_view(made.wrapped.kek), ByteView(made.wrapped.blob),
                              std::string_view(made.kcv)}));
    return {};
  }));
  return jws;
}

Result<LogImport> import_loader_log(Context& context, const std::string& actor, const std::string& batch, std::string_view log) {
  std::optional<Bytes> key;
  std::optional<BatchRecord> record;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    return session.query("SELECT id, dsn_from, dsn_to, loader, issued_at_ms, log_key FROM rki_batches WHERE id = $1",
                         {std::string_view(batch)}, [&](const Row& row) -> Status {
      record = TF_TRY(record_from(row));
      key = row.bytes(5);
      return {};
    });
  }));
  if (!key) return Error{Code::not_found, "batches.unknown", "there is no batch " + batch};
  const auto verified = TF_TRY(factory::verify_log(log, TF_TRY(crypto::PublicKey::from_spki(*key))));
  for (const factory::LogEntry& entry : verified.entries)
    if (entry.batch == batch && !record->range.contains(entry.dsn))
      return Error{Code::refused, "batches.foreign_serial", "the log names " + entry.dsn.text() + ", which is not of this batch"};
  LogImport out;
  TF_CHECK(perform_act(context, {actor, "batches.log", batch, fmt::format(R"({{"entries":{}}})", verified.entries.size())},
                       [&](Session& session) -> Status {
                         out = {};
                         for (const factory::LogEntry& entry : verified.entries) {
                           if (entry.batch != batch) continue;
                           const auto changed = TF_TRY(session.execute("UPDATE terminals SET personalised_at_ms = $2 WHERE dsn = $1",
                                                                       {std::string_view(entry.dsn.text()), entry.at_ms}));
                           ++(changed == 1 ? out.personalised : out.unknown);
                         }
                         return {};
                       }));
  return out;
}

}  // namespace tf::platform
