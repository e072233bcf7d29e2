// What the loader does. How it is kept on disk is in loader_file.cpp.
#include "factory/loader.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "pki/issue.hpp"
#include "pki/request/certificate_request.hpp"
#include "protocols/rki/keys.hpp"
#include "wire/encoding.hpp"

namespace tf::factory {

Result<Loader> Loader::create(const std::string& directory, const std::string& name, const pki::Certificate& root,
                              const Secret<32>& storage_key, LoaderPorts ports) {
  if (std::filesystem::exists(directory + "/loader.keys"))
    return Error{Code::conflict, "factory.exists", directory + " holds a loader already"};
  Keys keys{crypto::PrivateKey::generate_p256(), crypto::PrivateKey::generate_p256(), crypto::PrivateKey::generate_p256()};
  auto log = TF_TRY(LoaderLog::open(directory + "/loader.log", keys.log.public_key()));
  Loader loader(directory, name, std::move(keys), root, std::move(log), storage_key.clone(), ports);
  TF_CHECK(loader.save());
  return loader;
}

Result<LoaderRequest> Loader::request() const {
  const auto certificate_request = TF_TRY(pki::CertificateRequest::make(name_, keys_.issue));
  return LoaderRequest{name_, keys_.wrap.public_key().spki(), certificate_request.der(), keys_.log.public_key().spki()};
}

Status Loader::receive(std::string_view package_text) {
  const BatchPackage package = TF_TRY(verify_package(package_text, root_, ports_.clock.now_ms()));
  if (batches_.contains(package.batch))
    return Error{Code::conflict, "factory.batch_known", "batch " + package.batch + " is here already"};
  const auto issuing = TF_TRY(pki::Certificate::from_der(package.issuing_chain.front()));
  if (TF_TRY(issuing.public_key()).spki() != keys_.issue.public_key().spki())
    return Error{Code::refused, "factory.other_loader", "the package is for another loader"};
  Batch batch{package.range, {}, {}, package.issuing_chain};
  for (const auto& [suite, jwe] : package.dik1) {
    SecretBytes dik1 = TF_TRY(crypto::jwe_open_with(keys_.wrap, kDik1Type, jwe));
    if (dik1.size() != (suite == rki::Suite::classic ? 24U : 32U))
      return Error{Code::refused, "factory.dik1_size", "DIK1 has another size than its suite wants"};
    (suite == rki::Suite::classic ? batch.classic_dik1 : batch.modern_dik1) = std::move(dik1);
  }
  batches_.emplace(package.batch, std::move(batch));
  const Status saved = save();
  if (!saved) batches_.erase(package.batch);  // what is not on disk must not be used
  return saved;
}

const std::pair<const std::string, Loader::Batch>* Loader::batch_for(const wire::Dsn& dsn) const {
  for (const auto& entry : batches_)
    if (entry.second.range.contains(dsn)) return &entry;
  return nullptr;
}

SecretBytes Loader::make_factor(const std::string& batch, FactorKind kind) const {
  if (kind == FactorKind::random) {
    SecretBytes factor(16);
    ports_.random.fill(factor.reveal_mutable());
    return factor;
  }
  // Source [0049]: loader serial, production date, batch number; hashed to a fixed size when long.
  const std::time_t now = ports_.clock.now_ms() / 1000;
  const std::string composed = fmt::format("{}/{:%Y%m%d}/{}", name_, fmt::gmtime(now), batch);
  if (composed.size() > rki::kFactorMax) return SecretBytes(ByteView(crypto::sha256(as_bytes(composed))));
  return SecretBytes(as_bytes(composed));
}

Result<rki::Personalisation> Loader::personalise(const rki::PersonalisationRequest& request, FactorKind kind) {
  const auto* found = batch_for(request.dsn);
  if (found == nullptr) return Error{Code::refused, "factory.no_batch", "no batch here holds " + request.dsn.text()};
  if (log_.contains(request.dsn)) return Error{Code::conflict, "factory.personalised", request.dsn.text() + " was personalised before"};
  const auto& [name, batch] = *found;
  const auto device_request = TF_TRY(pki::CertificateRequest::from_der(request.certificate_request));
  const auto issuer = TF_TRY(pki::Certificate::from_der(batch.issuing_chain.front()));
  const auto certificate = TF_TRY(pki::issue_device_certificate({issuer, keys_.issue}, request.dsn, device_request.public_key(),
                                                                {ports_.clock.now_ms(), pki::kDeviceDays}, ports_.random));
  rki::Personalisation out;
  out.secrets.factor = make_factor(name, kind);
  if (!batch.modern_dik1.empty()) {
    out.suites.push_back(rki::Suite::modern);
    const Secret<32> dik1(batch.modern_dik1.reveal().first<32>());
    out.secrets.modern_dik2 = SecretBytes(rki::modern_dik2(dik1, request.dsn.text(), out.secrets.factor.reveal()).reveal());
  }
  if (!batch.classic_dik1.empty()) {
    out.suites.push_back(rki::Suite::classic);
    out.secrets.classic_dik2 = TF_TRY(rki::classic_dik2(batch.classic_dik1.reveal(), request.dsn.text(), out.secrets.factor.reveal()));
  }
  out.chain = batch.issuing_chain;
  out.chain.insert(out.chain.begin(), certificate.der());
  out.root = root_.der();
  return out;
}

Status Loader::confirm(const wire::Dsn& dsn, const Hash256& certificate) {
  const auto* found = batch_for(dsn);
  if (found == nullptr) return Error{Code::internal, "factory.no_batch", "confirmed without a batch"};
  return log_.append(keys_.log, ports_.clock.now_ms(), found->first, dsn, wire::hex_lower(certificate));
}

}  // namespace tf::factory
