#include "bench/all/pki/authority_scene.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <ctime>
#include <filesystem>

#include "bench/all/measure.hpp"
#include "bench/all/server.hpp"
#include "platform/authority.hpp"
#include "platform/ca/office.hpp"

namespace tf::bench {
namespace {

constexpr int kUnderWay = 256;
constexpr int kRequests = 64;

double own_cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return to_us(now);
}

// Lets so many be under way.
class UnderWay {
 public:
  void begin() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return count_ < kUnderWay; });
    ++count_;
  }
  void end(bool well) {
    const std::lock_guard lock(mutex_);
    failed_ += well ? 0 : 1;
    if (--count_ == 0 || count_ == kUnderWay / 2) changed_.notify_all();
  }
  int all_ended() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return count_ == 0; });
    return failed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0, failed_ = 0;
};

}  // namespace

Result<std::unique_ptr<AuthorityScene>> AuthorityScene::make(const std::string& directory) {
  share_processors(Share::ours);
  std::filesystem::create_directories(directory);
  const platform::InitOptions init{.directory = directory + "/platform", .root_key_file = directory + "/root.key",
                                   .ranges = {TF_TRY(wire::DsnRange::parse("TF000000..TF999999"))}, .config = {}, .scrypt = {.n = 1 << 14}};
  TF_TRY(platform::initialise(init, kPassphrase, kPassphrase));
  std::unique_ptr<AuthorityScene> out(new AuthorityScene);
  out->opened_ = TF_TRY(platform::open_directory(init.directory, kPassphrase));
  out->authority_ = TF_TRY(platform::open_authority(*out->opened_->context, out->opened_->paths.profiles()));
  for (int i = 0; i < kRequests; ++i) out->requests_.push_back(TF_TRY(pki::CertificateRequest::make("bench", crypto::PrivateKey::generate_p256())).der());
  return out;
}

Result<AuthorityScene::Issuance> AuthorityScene::issue(int certificates) {
  UnderWay under_way;
  const auto batches = opened_->database->stats();
  const double before = own_cpu_us();
  for (int i = 0; i < certificates; ++i) {
    under_way.begin();
    auto request = pki::CertificateRequest::from_der(requests_[static_cast<std::size_t>(i % kRequests)]);
    if (!request) return under_way.end(false), under_way.all_ended(), request.error();
    const std::string name = fmt::format("user {:06}", i);
    authority_->issue({.profile = "user-signing", .holder = "wallet:" + name, .names = {{{"commonName", name}}, {}}, .key = request->public_key(), .actor = "bench"},
                      [&under_way](const Result<ca::Issued>& issued) { under_way.end(issued.has_value()); });
  }
  const int failed = under_way.all_ended();
  const double used = own_cpu_us() - before;
  const auto after = opened_->database->stats();
  if (failed != 0) return Error{Code::internal, "bench.issue", std::to_string(failed) + " certificates failed: nothing was measured"};
  return Issuance{used / certificates, static_cast<double>(after.members - batches.members) / static_cast<double>(after.batches - batches.batches)};
}

// Ascending, as real ones are not: filled in faster so.
std::string AuthorityScene::serial_of(int filled) const { return fmt::format("{:016X}{:016X}", 0x1000'0000'0000'0000ULL + static_cast<std::uint64_t>(filled) * 1'000'003'000'000ULL, filled); }

Status AuthorityScene::fill(int certificates) {
  constexpr int kBatch = 20'000;
  const Bytes hash(32), der(700);
  const std::int64_t now = opened_->clock.now_ms();
  for (int from = 0; from < certificates; from += kBatch) {
    TF_CHECK(opened_->database->write([&](store::Session& session) -> Status {
      for (int i = from; i < std::min(certificates, from + kBatch); ++i) {
        const std::string serial = serial_of(i), holder = fmt::format("wallet:{:07}", i), subject = fmt::format("commonName=user {:07}", i);
        TF_TRY(session.execute("INSERT INTO pki_certificates (serial, authority, profile, holder, subject, spki_hash, tbs_hash, state, shard, intended_ms, not_before_ms, "
                               "not_after_ms, renews, der) VALUES ($1, 'users', 'user-signing', $2, $3, $4, $4, 'issued', $5, $6, $6, $7, '', $8)",
                               {std::string_view(serial), std::string_view(holder), std::string_view(subject), ByteView(hash), std::int64_t{i % 64}, now, now + 86'400'000LL * 730,
                                ByteView(der)}));
      }
      return {};
    }));
  }
  filled_ = certificates;
  return {};
}

Result<double> AuthorityScene::revoke_cpu_us(int certificates) {
  constexpr std::int64_t kStride = 7919;  // no divisor of what is filled in: every one is met once
  const double before = own_cpu_us();
  for (int i = 0; i < certificates; ++i) {
    const int which = static_cast<int>(revoked_++ * kStride % filled_);
    TF_TRY(authority_->revoke(serial_of(which), pki::RevocationReason::superseded, "bench"));
  }
  return (own_cpu_us() - before) / certificates;
}

}  // namespace tf::bench
