// A certificate's way from the request to its holder.
#include <algorithm>
#include <future>

#include "base/log.hpp"
#include "ca/notes.hpp"
#include "ca/signer.hpp"
#include "crypto/digest.hpp"
#include "pki/lint/lint.hpp"

namespace tf::ca {
namespace {

constexpr std::size_t kMostHolder = 128;
constexpr std::string_view kElsewhere = "elsewhere";

Status check_holder(std::string_view holder) {
  const bool plain = std::ranges::none_of(holder, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (plain && !holder.empty() && holder.size() <= kMostHolder) return {};
  return Error{Code::invalid, "ca.holder", "a holder is 1 to 128 characters of plain text"};
}

// Waits for what start() promises to call back.
template <class T>
Result<T> awaited(const std::function<void(Done<T>)>& start) {
  std::promise<Result<T>> promise;
  auto future = promise.get_future();
  start([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return future.get();
}

}  // namespace

Result<const pki::Profile*> CertificateAuthority::profile(const std::string& name) const {
  const auto found = options_.profiles.find(name);
  if (found != options_.profiles.end()) return &found->second;
  return Error{Code::not_found, "ca.no_such_profile", "there is no profile \"" + name + "\"; pki profiles lists them"};
}

Result<CertificateAuthority::Pending> CertificateAuthority::prepare(IssueRequest request) const {
  TF_CHECK(check_holder(request.holder));
  const pki::Profile& profile = *TF_TRY(this->profile(request.profile));
  const Authority& authority = *TF_TRY(own(profile.authority));
  const std::int64_t now = ports_.clock.now_ms();
  Record record{.serial_hex = {}, .authority = authority.name, .profile = profile.name, .holder = request.holder, .subject = pki::subject_text(request.names),
                .spki_hash = {}, .intended_ms = now, .renews = request.renews};
  pki::UnsignedLeaf leaf;
  if (elsewhere_.contains(profile.name)) {
    record.authority = kElsewhere;
    record.spki_hash = crypto::sha256(request.key.spki());
  } else {
    leaf = TF_TRY(forms_.at(profile.name).build(request.names, request.key, now, request.days, ports_.random));
    record.serial_hex = leaf.serial_hex;
    record.spki_hash = crypto::sha256(leaf.spki);
    record.tbs_hash = crypto::sha256(leaf.tbs);
    record.shard = leaf.shard;
    record.not_before_ms = leaf.not_before_ms;
    record.not_after_ms = leaf.not_after_ms;
    const crypto::PublicKey done_with = std::move(request.key);  // nobody asks for it any more: OpenSSL's keys are large, and many are under way
  }
  return std::make_shared<Work>(Work{std::move(request), authority, std::move(leaf), std::move(record), {}, {}});
}

void CertificateAuthority::issue(IssueRequest request, Done<Issued> done) {
  auto prepared = prepare(std::move(request));
  if (!prepared) return done(prepared.error());
  if (!signer_->begin()) return done(Error{Code::overloaded, "ca.queue_full", "too many certificates are under way"});
  const Pending work = std::move(*prepared);
  work->done = std::move(done);
  const auto server = elsewhere_.find(work->request.profile);
  if (server == elsewhere_.end()) return write_intent(work);
  server->second(work->request, [this, work](Result<Bytes> der) { adopt(work, std::move(der)); });
}

Result<Issued> CertificateAuthority::issue(IssueRequest request) {
  return awaited<Issued>([&](Done<Issued> done) { issue(std::move(request), std::move(done)); });
}

void CertificateAuthority::finish(const Pending& work, Result<Issued> result) {
  try {
    work->done(std::move(result));
  } catch (...) {
    log::error("ca: the receiver of a certificate threw an exception");
  }
  work->done = {};
  signer_->end();
}

void CertificateAuthority::write_intent(const Pending& work) {
  ports_.database.write_async([work](store::Session& session) { return insert_intent(session, work->record); },
                              [this, work](Status written) {
                                if (!written) return finish(work, written.error());
                                signer_->submit([this, work] { sign(work); });
                              });
}

// The handle is asked for every time: a sealed vault signs nothing.
void CertificateAuthority::sign(const Pending& work) {
  const auto key = ports_.vault.signing_handle(work->authority.key_name);
  auto der = key ? pki::sign_leaf(work->leaf, *key) : Result<Bytes>(key.error());
  if (!der) return give_up(work, der.error());
  work->der = std::move(*der);
  write_result(work);
}

void CertificateAuthority::write_result(const Pending& work) {
  const std::int64_t now = ports_.clock.now_ms();
  ports_.database.write_async(
      [this, work, now](store::Session& session) -> Status {
        if (work->record.authority == kElsewhere) TF_CHECK(insert_intent(session, work->record));
        TF_CHECK(set_issued(session, work->record.serial_hex, work->der));
        return ports_.trail.append(session, note_issued(work->record, work->request.actor, now));
      },
      [this, work](Status written) {
        if (!written) return give_up(work, written.error());
        const Record& record = work->record;
        tell({record});
        finish(work, Issued{record.serial_hex, std::move(work->der), record.not_before_ms, record.not_after_ms, record.authority, work->authority.certificate});
      });
}

// The intent comes to nothing. Where even that cannot be written, the row stays an intent, which is never good either.
void CertificateAuthority::give_up(const Pending& work, Error why) {
  const std::int64_t now = ports_.clock.now_ms();
  ports_.database.write_async(
      [this, work, why, now](store::Session& session) -> Status {
        if (work->record.authority != kElsewhere) TF_CHECK(set_failed(session, work->record.serial_hex));
        return ports_.trail.append(session, note_failed(work->record, work->request.actor, why.reason, now));
      },
      [this, work, why](const Status& written) {
        if (!written) log::error("ca: the failure of " + work->record.serial_hex + " could not be written: " + describe(written.error()));
        finish(work, why);
      });
}

// What another server gave is believed no further than it can be checked here.
void CertificateAuthority::adopt(const Pending& work, Result<Bytes> der) {
  const auto accepted = [&]() -> Status {
    work->der = TF_TRY(std::move(der));
    const auto certificate = TF_TRY(pki::Certificate::from_der(work->der));
    const pki::Profile& profile = *TF_TRY(this->profile(work->request.profile));
    TF_CHECK(pki::refuse_errors(pki::lint(work->der, {.issuer = {}, .profile = &profile, .now_ms = ports_.clock.now_ms()})));
    if (TF_TRY(certificate.public_key()).spki() != work->request.key.spki())
      return Error{Code::refused, "ca.elsewhere_key", "the certificate is for another key"};
    if (TF_TRY(pki::names_of(certificate)) != work->request.names) return Error{Code::refused, "ca.elsewhere_names", "the certificate bears other names"};
    work->record.serial_hex = certificate.serial_hex();
    work->record.not_before_ms = certificate.not_before_ms();
    work->record.not_after_ms = certificate.not_after_ms();
    return {};
  }();
  if (!accepted) return give_up(work, accepted.error());
  write_result(work);
}

Result<IssueRequest> CertificateAuthority::renewal_of(RenewRequest request) const {
  const Record record = TF_TRY(show(request.serial_hex));
  if (record.state == State::intended || record.state == State::failed) return Error{Code::refused, "ca.not_issued", "this certificate was never issued"};
  if (record.state == State::revoked) return Error{Code::refused, "ca.revoked", "a revoked certificate is not renewed"};
  if (!request.holder.empty() && request.holder != record.holder) return Error{Code::refused, "ca.other_holder", "the certificate is another holder's"};
  const pki::Profile& profile = *TF_TRY(this->profile(record.profile));
  const std::int64_t grace_ms = std::int64_t{profile.renewal_days_after_expiry} * 86'400'000;
  if (ports_.clock.now_ms() > record.not_after_ms + grace_ms)
    return Error{Code::refused, "ca.renewal_too_late",
                 "profile " + profile.name + " renews at most " + std::to_string(profile.renewal_days_after_expiry) + " days after a certificate's end"};
  const bool same = crypto::sha256(request.key.spki()) == record.spki_hash;
  if (same && profile.key_renewal == pki::KeyRenewal::fresh) return Error{Code::refused, "ca.renewal_key", "profile " + profile.name + " wants a new key"};
  if (!same && profile.key_renewal == pki::KeyRenewal::same) return Error{Code::refused, "ca.renewal_key", "profile " + profile.name + " wants the same key"};
  const auto before = TF_TRY(pki::Certificate::from_der(record.der));
  return IssueRequest{.profile = record.profile, .holder = record.holder, .names = TF_TRY(pki::names_of(before)), .key = std::move(request.key),
                      .actor = std::move(request.actor), .request = std::move(request.request), .renews = record.serial_hex};
}

void CertificateAuthority::renew(RenewRequest request, Done<Issued> done) {
  auto renewal = renewal_of(std::move(request));
  if (!renewal) return done(renewal.error());
  issue(std::move(*renewal), std::move(done));
}

Result<Issued> CertificateAuthority::renew(RenewRequest request) { return issue(TF_TRY(renewal_of(std::move(request)))); }

}  // namespace tf::ca
