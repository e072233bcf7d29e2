// The certificate authority at work. One certificate's way (docs/pki.md):
//
//   issue()        profile, names, key; built and linted                  caller's thread, never waits
//   intent         serial number and hash of what is to be signed         group commit
//   signature      by the vault                                           signer thread
//   result         certificate and audit entry                            group commit
//   done           on the writer's thread, with the certificate
//
// An intent whose result did not become durable is marked failed when the authority is opened next (or by the housekeeper after ten
// minutes), audited, and answered as never issued for good.
//
// A caller that may not wait:      authority.issue({.profile = "user-signing", .holder = "wallet:17", .names = {{{"commonName", id},
//                                    {"serialNumber", "17"}}, {}}, .key = key, .actor = "wallet"}, [](Result<Issued> done) { … });
// One that may:                    TF_TRY(authority.issue({…}))
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ca/lists.hpp"
#include "ca/profiles.hpp"
#include "ca/register.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/leaf/form.hpp"

namespace tf::ca {

template <class T>
using Done = std::move_only_function<void(Result<T>)>;

// Names and holder are the caller's word: nothing is taken over from a request.
struct IssueRequest {
  std::string profile;
  std::string holder;  // 1 to 128 characters of plain text; revoke_holder() finds by it
  pki::Names names;
  crypto::PublicKey key;   // its possession is proved: by a CertificateRequest, which verifies itself, or by the caller's protocol
  std::string actor;       // for the audit trail: "operator:anna", "wallet", "est:TF000001"
  int days = 0;            // 0: as long as the profile allows
  std::optional<pki::CertificateRequest> request = {};  // only for a profile that is issued elsewhere
  std::string renews = {}; // set by renew()
};

struct Issued {
  std::string serial_hex;
  Bytes der;
  std::int64_t not_before_ms = 0;
  std::int64_t not_after_ms = 0;
  std::string authority;
  pki::Certificate issuer;  // to be handed out with it
};

struct RenewRequest {
  std::string serial_hex;   // of the certificate to be renewed: not revoked, at most renewal_days_after_expiry past its end
  crypto::PublicKey key;    // new or the same, as the profile's key.renewal has it
  std::string actor;
  std::string holder = {};  // when not empty it has to be the certificate's
  std::optional<pki::CertificateRequest> request = {};
};

// Another server in an authority's place: gives the certificate's DER, from any thread.
using IssuedElsewhere = std::function<void(const IssueRequest&, Done<Bytes>)>;
// How a certificate of an offline authority stands.
using OfflineStanding = std::function<Result<Standing>(const std::string& authority, std::string_view serial_hex)>;

struct CaOptions {
  std::vector<Authority> authorities;
  Profiles profiles;
  std::int64_t list_hours = 24;  // until a list's next update; it is renewed at half of that
  int delegate_rsa_bits = 0;     // 0: P-256; or 2048
  OfflineStanding offline = {};
};

class CertificateAuthority {
 public:
  // Checks authorities (key and certificate belong together, places unchanged) and profiles; settles what a crash left; loads the lists.
  // The ports outlive it.
  static Result<std::unique_ptr<CertificateAuthority>> open(const Ports& ports, CaOptions options);
  ~CertificateAuthority();  // when all that is under way has ended
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  // Errors: Code::not_found "ca.no_such_profile"; Code::invalid "ca.holder"; as build_leaf(); Code::overloaded "ca.queue_full"; what
  // vault and database say. Refusals before the intent are not audited here: the caller knows who asked.
  void issue(IssueRequest request, Done<Issued> done);
  Result<Issued> issue(IssueRequest request);
  // Code::not_found "ca.no_such_certificate"; Code::refused "ca.not_issued", "ca.revoked", "ca.renewal_too_late", "ca.renewal_key",
  // "ca.other_holder"; then as issue().
  void renew(RenewRequest request, Done<Issued> done);
  Result<Issued> renew(RenewRequest request);

  // Durable when done; the shard's list follows within seconds, OCSP at once. Errors as set_revoked().
  void revoke(std::string serial_hex, pki::RevocationReason reason, std::string actor, Done<Record> done);
  Result<Record> revoke(std::string serial_hex, pki::RevocationReason reason, std::string actor);
  // From certificateHold back to good.
  Result<Record> release(std::string serial_hex, std::string actor);
  // All the holder's certificates in one transaction; how many. None is no error.
  void revoke_holder(std::string holder, pki::RevocationReason reason, std::string actor, Done<std::int64_t> done);
  Result<std::int64_t> revoke_holder(std::string holder, pki::RevocationReason reason, std::string actor);
  // Those that which() names, in the transaction in which it runs: what it writes is durable together with their revocation, or not at all. It may run twice.
  using Chosen = std::function<Result<std::vector<std::string>>(store::Session&)>;
  void revoke_chosen(Chosen which, pki::RevocationReason reason, std::string actor, Done<std::int64_t> done);
  Result<std::int64_t> revoke_chosen(Chosen which, pki::RevocationReason reason, std::string actor);

  // Code::not_found "ca.no_such_authority".
  [[nodiscard]] Result<Standing> standing(const std::string& authority, std::string_view serial_hex) const;
  void on_standing_changed(StandingChanged told);  // for as many as like; before anything is issued
  void on_revocation(std::function<void()> told);  // likewise: a list is to be made

  [[nodiscard]] Result<Record> show(std::string_view serial_hex) const;
  [[nodiscard]] Result<std::vector<Record>> list(const Filter& filter) const;
  [[nodiscard]] const std::vector<Authority>& authorities() const { return options_.authorities; }
  [[nodiscard]] Result<Authority> authority(std::string_view name) const;
  [[nodiscard]] const Profiles& profiles() const { return options_.profiles; }
  [[nodiscard]] RevocationLists& lists() { return lists_; }

  // The delegates in force, newest first: of the authorities here, and those of offline ones that were put.
  [[nodiscard]] std::vector<Delegate> delegates() const;
  void put_offline_delegates(std::vector<Delegate> delegates);

  // This profile's certificates come from elsewhere: the result is linted, has to be for the key and names asked for, and is registered
  // under the authority "elsewhere". Before anything is issued.
  void issue_elsewhere(const std::string& profile, IssuedElsewhere server);

  void drain();  // returns when nothing is under way; nobody asks for more meanwhile

  // What has to be done by now: lists and delegates renewed, old intents settled. Called by the housekeeper (housekeeper.hpp).
  Status keep_house();

 private:
  struct Work;
  class Signer;
  using Pending = std::shared_ptr<Work>;

  CertificateAuthority(const Ports& ports, CaOptions options);
  [[nodiscard]] Result<const pki::Profile*> profile(const std::string& name) const;
  [[nodiscard]] Result<const Authority*> own(std::string_view authority) const;
  Result<Pending> prepare(IssueRequest request) const;
  void write_intent(const Pending& work);
  void finish(const Pending& work, Result<Issued> result);
  void sign(const Pending& work);
  void write_result(const Pending& work);
  void give_up(const Pending& work, Error why);
  void adopt(const Pending& work, Result<Bytes> der);
  Result<IssueRequest> renewal_of(RenewRequest request) const;
  Status settle_intents(std::int64_t before_ms);
  Status load_delegates();
  Status renew_delegates();
  Status make_delegate(const Authority& authority);
  Status remove_old_delegates();
  void revoke_all(Chosen which, pki::RevocationReason reason, std::string actor, Done<std::vector<Record>> done);
  void tell(const std::vector<Record>& changed);

  Ports ports_;
  CaOptions options_;
  std::map<std::string, pki::LeafForm> forms_;  // by the profile's name
  RevocationLists lists_;
  std::map<std::string, IssuedElsewhere> elsewhere_;
  std::vector<StandingChanged> told_;
  std::function<void()> revoked_;
  mutable std::mutex mutex_;
  std::vector<Delegate> delegates_, offline_delegates_;
  std::unique_ptr<Signer> signer_;
};

}  // namespace tf::ca
