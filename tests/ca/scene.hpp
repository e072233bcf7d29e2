// A certificate authority over a database on disk: a root, the three issuing authorities, their profiles; time stands still unless told.
#pragma once
#include <memory>
#include <string>

#include "audit/schema.hpp"
#include "ca/certificate_authority.hpp"
#include "ca/schema.hpp"
#include "pki/issue.hpp"
#include "store/sqlite/sqlite.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::ca::test {

using pki::RevocationReason;
using tf::test::FixedClock;
using tf::test::must;

class TrailSigner final : public audit::Signer {
 public:
  Result<Bytes> sign(ByteView) override { return Bytes{1}; }
  [[nodiscard]] std::string key_id() const override { return "test"; }
};

// A database whose writes can be lost: as a crash loses them.
class LossyDatabase final : public store::Database {
 public:
  explicit LossyDatabase(store::Database& inner) : inner_(inner) {}
  std::atomic<int> writes_left = 1 << 30;  // after so many every write is lost, and nobody is told that it was

  Status read(store::FunctionRef<Status(store::Session&)> fn) override { return inner_.read(fn); }
  Status write(store::FunctionRef<Status(store::Session&)> fn) override {
    if (writes_left-- > 0) return inner_.write(fn);
    return Error{Code::unavailable, "store.io", "lost"};
  }
  void write_async(store::WriteFn fn, store::DoneFn done) override {
    if (writes_left-- > 0) return inner_.write_async(std::move(fn), std::move(done));
    done(Error{Code::unavailable, "store.io", "lost"});
  }
  Status check() override { return inner_.check(); }
  [[nodiscard]] bool read_only() const override { return inner_.read_only(); }
  [[nodiscard]] store::BatchStats stats() const override { return inner_.stats(); }
  void observe(store::BatchObserver& observer) override { inner_.observe(observer); }
  void forget(store::BatchObserver& observer) override { inner_.forget(observer); }

 private:
  store::Database& inner_;
};

struct Scene {
  explicit Scene(crypto::KeyKind kind = crypto::KeyKind::p256);
  ~Scene();

  void open();   // also again, as after a restart
  void close();
  Result<std::unique_ptr<CertificateAuthority>> try_open();

  [[nodiscard]] IssueRequest request(const std::string& profile = "user-signing", const std::string& holder = "wallet:17") const;
  Issued issued(const std::string& profile = "user-signing", const std::string& holder = "wallet:17") { return must(ca->issue(request(profile, holder))); }
  [[nodiscard]] std::int64_t count(const std::string& sql) const;
  [[nodiscard]] pki::CrlShard list_of(const Issued& issued, bool fresh = true);
  // The reasons of the audit trail's entries with this action, "" for accepted ones, oldest first.
  [[nodiscard]] std::vector<std::string> audited(const std::string& action) const;

  tf::test::TemporaryDirectory directory;
  FixedClock clock;
  SystemRandom random;
  TrailSigner trail_signer;
  std::unique_ptr<vault::SoftwareVault> vault;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<LossyDatabase> lossy;
  std::unique_ptr<audit::Trail> trail;
  std::optional<pki::Issuer> root;
  CaOptions options;
  std::unique_ptr<CertificateAuthority> ca;
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();  // the holder's
};

}  // namespace tf::ca::test
