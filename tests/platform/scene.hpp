// A platform on disk as init makes it, with an estate of four terminals, one batch and the loader that has its package.
// It is made once a process; every test works on a copy of its own.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "factory/loader.hpp"
#include "platform/authority.hpp"
#include "platform/data_directory.hpp"
#include "platform/estate.hpp"
#include "platform/rki/service.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/terminal_under_test.hpp"

namespace tf::platform::test {

using tf::test::dsn;
using tf::test::FixedClock;
using tf::test::must;
using tf::test::range;
using tf::test::TemporaryDirectory;
using tf::test::TerminalUnderTest;

inline const SecretBytes& passphrase() {
  static const SecretBytes text(as_bytes("opens the platform of a test"));
  return text;
}
inline const SecretBytes& root_passphrase() {
  static const SecretBytes text(as_bytes("opens the root key of a test"));
  return text;
}
inline InitOptions init_options(const std::string& directory, const std::string& root_key_file) {
  InitOptions options{.directory = directory, .root_key_file = root_key_file, .ranges = {range("TF10000000..TF19999999")},
                      .config = {}, .scrypt = {.n = 16, .r = 8, .p = 1}};
  return options;
}

inline constexpr std::string_view kBatch = "batch-1";
inline constexpr std::string_view kBatchRange = "TF10000001..TF10000099";
inline const wire::Dsn kBoth = dsn("TF10000001");     // modern+classic
inline const wire::Dsn kModern = dsn("TF10000002");
inline const wire::Dsn kClassic = dsn("TF10000003");
inline const wire::Dsn kParted = dsn("TF10000004");   // its group takes the set in two parts
inline constexpr std::string_view kPartedGroup = "parted";

// The directory that every test copies, and the loader that goes with it.
struct Template {
  Template();
  TemporaryDirectory directory;
  InitReport report;
  std::unique_ptr<factory::Loader> loader;
  [[nodiscard]] std::string platform() const { return directory.file("platform"); }
  [[nodiscard]] std::string root_key() const { return directory.file("root.key"); }

 private:
  FixedClock clock_{SystemClock().now_ms()};
  SystemRandom random_;
};
Template& shared_template();

struct AuditLine {
  std::string actor, action, subject, outcome, reason, detail;
};

// Forwards to another database; fails the writes it is told to fail.
class FaultyDatabase final : public store::Database {
 public:
  enum class Fault { none, lost, answer_lost };  // lost: nothing was written. answer_lost: it was, and nobody knows
  explicit FaultyDatabase(store::Database& inner) : inner_(inner) {}
  std::atomic<Fault> next_write = Fault::none;  // for one write
  bool fail_reads = false;
  std::function<void()> interrupt;  // happens once, before the next write

  Status read(store::FunctionRef<Status(store::Session&)> fn) override;
  Status write(store::FunctionRef<Status(store::Session&)> fn) override;
  void write_async(store::WriteFn fn, store::DoneFn done) override;
  Status check() override { return inner_.check(); }
  [[nodiscard]] bool read_only() const override { return inner_.read_only(); }
  [[nodiscard]] store::BatchStats stats() const override { return inner_.stats(); }
  void observe(store::BatchObserver& observer) override { inner_.observe(observer); }
  void forget(store::BatchObserver& observer) override { inner_.forget(observer); }

 private:
  store::Database& inner_;
};

struct Scene {
  Scene();

  Template& origin = shared_template();  // made before the clock below is read
  TemporaryDirectory copy;
  std::string directory;
  std::unique_ptr<Opened> opened;
  FixedClock clock{SystemClock().now_ms()};
  Config config;
  std::unique_ptr<FaultyDatabase> database;
  std::unique_ptr<Context> context;

  [[nodiscard]] pki::Issuer root() const;
  // The client certificate of one of the first operators, DER.
  [[nodiscard]] Bytes certificate_of(std::string_view name) const;
  // Everything in the audit trail from here on; mark() forgets what is there.
  void mark();
  [[nodiscard]] std::vector<AuditLine> audited() const;
  [[nodiscard]] std::vector<std::string> audited_actions() const;  // "action outcome reason"
  [[nodiscard]] std::vector<rki::KeyRecord> keys_of(const wire::Dsn& dsn) const;
  [[nodiscard]] std::int64_t count(const std::string& sql) const;
  // Statements of the test's own: triggers that break what they are told to break.
  void script(std::string_view sql);

 private:
  std::int64_t mark_ = 0;
};

// The service over a scene, and devices that talk to it without a network.
struct RkiScene : Scene {
  explicit RkiScene(audit::SamplerOptions sampling = {});
  // As after a restart: no conversation is known any more.
  void restart();
  [[nodiscard]] Result<std::string> handle(std::string_view route, const std::string& body);
  [[nodiscard]] tf::test::Exchange exchange() {
    return [this](std::string_view route, const std::string& body) { return handle(route, body); };
  }
  [[nodiscard]] TerminalUnderTest device(const wire::Dsn& dsn, std::vector<rki::Suite> suites);
  // Another one under that serial, with a key of its own and a certificate by the same loader.
  [[nodiscard]] TerminalUnderTest second_device(const wire::Dsn& dsn);
  // The clear key the platform has for a slot of a set.
  [[nodiscard]] SecretBytes stored_key(const rki::KeyRecord& key, const wire::Dsn& dsn) const;
  // Empty, or where the device's keys in use are not the platform's active ones.
  [[nodiscard]] std::string disagreement(const TerminalUnderTest& device) const;

  SystemRandom random;
  RkiSettings settings;
  audit::RefusalSampler refusals;
  std::unique_ptr<RkiService> service;
};

// The one key of a device.
crypto::PrivateKey device_key_of(const wire::Dsn& dsn);
// The identity a device has after personalisation by the template's loader; made again it has another certificate for the same key.
rki::Identity personalised(const wire::Dsn& dsn, std::vector<rki::Suite> suites);
rki::Identity personalised(const wire::Dsn& dsn, std::vector<rki::Suite> suites, crypto::PrivateKey key);

}  // namespace tf::platform::test
