// Which module a profile means.
#include "base/file.hpp"
#include "card/software_card.hpp"
#include "module/software/software_module.hpp"
#include "module/tpm/tpm_module.hpp"
#include "module/uicc/uicc_module.hpp"
#include "pcsc/channel.hpp"
#include "pcsc/pcsclite.hpp"
#include "terminal/onboard/profile.hpp"

namespace tf::terminal {
namespace {

constexpr std::size_t kMaxRoot = 64 * 1024;

// A card of this process: in its slot as long as the channel is there.
class OwnCardChannel final : public apdu::Channel {
 public:
  explicit OwnCardChannel(std::unique_ptr<card::SoftwareCard> own) : own_(std::move(own)), channel_(own_->card()) { own_->card().power_on(); }
  Result<Bytes> transmit(ByteView command) override { return channel_.transmit(command); }

 private:
  std::unique_ptr<card::SoftwareCard> own_;
  card::InProcessChannel channel_;
};

class ReaderChannel final : public apdu::Channel {
 public:
  static Result<std::unique_ptr<apdu::Channel>> open(const std::string& reader) {
    std::unique_ptr<ReaderChannel> out(new ReaderChannel);
    const auto found = TF_TRY(pcsc::find_card(out->library_, reader));
    out->channel_ = TF_TRY(pcsc::PcscChannel::open(out->library_, found.name));
    return std::unique_ptr<apdu::Channel>(std::move(out));
  }
  Result<Bytes> transmit(ByteView command) override { return channel_->transmit(command); }

 private:
  ReaderChannel() = default;
  pcsc::Pcsclite library_;
  std::unique_ptr<pcsc::PcscChannel> channel_ = nullptr;
};

module::uicc::Connect way_to_card(const std::string& directory, const OnboardProfile& profile, Random& random) {
  if (profile.card.empty()) return [reader = profile.reader] { return ReaderChannel::open(reader); };
  return [path = onboard_path(directory, profile.card), &random]() -> Result<std::unique_ptr<apdu::Channel>> {
    return std::make_unique<OwnCardChannel>(TF_TRY(card::SoftwareCard::open(path, random)));
  };
}

}  // namespace

Result<std::unique_ptr<module::SecureModule>> create_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key,
                                                                    Random& random) {
  if (profile.module == ModuleKind::software)
    return module::software::create({.directory = directory, .storage_key = std::move(storage_key)}, profile.dsim_id, random);
  if (profile.module == ModuleKind::tpm)
    return module::tpm::create({.directory = directory, .storage_key = std::move(storage_key), .tcti = profile.tcti}, profile.dsim_id, random);
  module::uicc::Settings settings{.directory = directory, .storage_key = std::move(storage_key), .connect = way_to_card(directory, profile, random)};
  settings.now_ms = SystemClock().now_ms();
  if (!profile.card_root.empty())
    settings.manufacturer = TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(onboard_path(directory, profile.card_root), kMaxRoot)))));
  return module::uicc::create(settings, profile.dsim_id, random);
}

Result<std::unique_ptr<module::SecureModule>> open_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key,
                                                                  Random& random) {
  if (profile.module == ModuleKind::software)
    return module::software::open({.directory = directory, .storage_key = std::move(storage_key)}, profile.dsim_id, random);
  if (profile.module == ModuleKind::tpm)
    return module::tpm::open({.directory = directory, .storage_key = std::move(storage_key), .tcti = profile.tcti}, profile.dsim_id, random);
  return module::uicc::open({.directory = directory, .storage_key = std::move(storage_key), .connect = way_to_card(directory, profile, random)}, profile.dsim_id, random);
}

Status remove_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key, Random& random) {
  if (profile.module == ModuleKind::software) return module::software::remove({.directory = directory, .storage_key = std::move(storage_key)}, profile.dsim_id);
  if (profile.module == ModuleKind::tpm) return module::tpm::remove({.directory = directory, .storage_key = std::move(storage_key), .tcti = profile.tcti}, profile.dsim_id);
  return module::uicc::remove({.directory = directory, .storage_key = std::move(storage_key), .connect = way_to_card(directory, profile, random)}, profile.dsim_id);
}

}  // namespace tf::terminal
