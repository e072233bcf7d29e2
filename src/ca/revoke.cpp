// Revocation, and how certificates stand.
#include <future>

#include "ca/certificate_authority.hpp"
#include "ca/notes.hpp"

namespace tf::ca {

using pki::RevocationReason;

void CertificateAuthority::revoke_all(Chosen which, RevocationReason reason, std::string actor, Done<std::vector<Record>> done) {
  const std::int64_t now = ports_.clock.now_ms();
  const auto changed = std::make_shared<std::vector<Record>>();
  ports_.database.write_async(
      [this, which = std::move(which), reason, actor = std::move(actor), now, changed](store::Session& session) -> Status {
        changed->clear();  // this may run twice
        for (const std::string& serial : TF_TRY(which(session))) {
          changed->push_back(TF_TRY(set_revoked(session, serial, reason, now)));
          TF_CHECK(note_change(session, changed->back().authority, changed->back().shard));
          TF_CHECK(ports_.trail.append(session, note_revoked(changed->back(), actor, now)));
        }
        return {};
      },
      [this, changed, done = std::move(done)](Status written) mutable {
        if (!written) return done(written.error());
        tell(*changed);
        if (revoked_ && !changed->empty()) revoked_();
        done(std::move(*changed));
      });
}

void CertificateAuthority::revoke(std::string serial_hex, RevocationReason reason, std::string actor, Done<Record> done) {
  revoke_all([serial = std::move(serial_hex)](store::Session&) -> Result<std::vector<std::string>> { return std::vector{serial}; }, reason, std::move(actor),
             [done = std::move(done)](Result<std::vector<Record>> revoked) mutable {
               if (!revoked) return done(revoked.error());
               done(std::move(revoked->front()));
             });
}

void CertificateAuthority::revoke_chosen(Chosen which, RevocationReason reason, std::string actor, Done<std::int64_t> done) {
  revoke_all(std::move(which), reason, std::move(actor), [done = std::move(done)](Result<std::vector<Record>> revoked) mutable {
    if (!revoked) return done(revoked.error());
    done(static_cast<std::int64_t>(revoked->size()));
  });
}

void CertificateAuthority::revoke_holder(std::string holder, RevocationReason reason, std::string actor, Done<std::int64_t> done) {
  revoke_chosen(
      [holder = std::move(holder), reason](store::Session& session) -> Result<std::vector<std::string>> {
        auto serials = TF_TRY(serials_of(session, holder));
        if (reason == RevocationReason::certificate_hold) return serials;
        for (std::string& held : TF_TRY(serials_of(session, holder, true))) serials.push_back(std::move(held));
        return serials;
      },
      reason, std::move(actor), std::move(done));
}

namespace {

template <class T, class Start>
Result<T> awaited(Start&& start) {
  std::promise<Result<T>> promise;
  auto future = promise.get_future();
  start([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return future.get();
}

}  // namespace

Result<Record> CertificateAuthority::revoke(std::string serial_hex, RevocationReason reason, std::string actor) {
  return awaited<Record>([&](Done<Record> done) { revoke(std::move(serial_hex), reason, std::move(actor), std::move(done)); });
}

Result<std::int64_t> CertificateAuthority::revoke_holder(std::string holder, RevocationReason reason, std::string actor) {
  return awaited<std::int64_t>([&](Done<std::int64_t> done) { revoke_holder(std::move(holder), reason, std::move(actor), std::move(done)); });
}

Result<std::int64_t> CertificateAuthority::revoke_chosen(Chosen which, RevocationReason reason, std::string actor) {
  return awaited<std::int64_t>([&](Done<std::int64_t> done) { revoke_chosen(std::move(which), reason, std::move(actor), std::move(done)); });
}

Result<Record> CertificateAuthority::release(std::string serial_hex, std::string actor) {
  const std::int64_t now = ports_.clock.now_ms();
  std::optional<Record> released;
  TF_CHECK(ports_.database.write([&](store::Session& session) -> Status {
    released = TF_TRY(set_released(session, serial_hex));
    TF_CHECK(note_change(session, released->authority, released->shard));
    return ports_.trail.append(session, note_released(*released, actor, now));
  }));
  tell({*released});
  if (revoked_) revoked_();
  return std::move(*released);
}

Result<Standing> CertificateAuthority::standing(const std::string& authority, std::string_view serial_hex) const {
  const Authority found = TF_TRY(this->authority(authority));
  if (found.key_name.empty()) {
    if (options_.offline) return options_.offline(authority, serial_hex);
    return Error{Code::not_found, "ca.no_such_authority", "nothing is known here about certificates of " + authority};
  }
  Standing out;
  TF_CHECK(ports_.database.read([&](store::Session& session) -> Status {
    out = TF_TRY(standing_of(session, authority, serial_hex));
    return {};
  }));
  return out;
}

void CertificateAuthority::on_standing_changed(StandingChanged told) { told_.push_back(std::move(told)); }

void CertificateAuthority::on_revocation(std::function<void()> told) { revoked_ = std::move(told); }

void CertificateAuthority::tell(const std::vector<Record>& changed) {
  for (const StandingChanged& told : told_)
    for (const Record& record : changed) told(record.authority, record.serial_hex);
}

Result<Record> CertificateAuthority::show(std::string_view serial_hex) const {
  std::optional<Record> out;
  TF_CHECK(ports_.database.read([&](store::Session& session) -> Status {
    out = TF_TRY(get(session, serial_hex));
    return {};
  }));
  return std::move(*out);
}

Result<std::vector<Record>> CertificateAuthority::list(const Filter& filter) const {
  std::vector<Record> out;
  TF_CHECK(ports_.database.read([&](store::Session& session) -> Status {
    out = TF_TRY(ca::list(session, filter));
    return {};
  }));
  return out;
}

}  // namespace tf::ca
