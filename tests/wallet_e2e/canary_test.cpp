// What must not be found in anything the platform writes: raw, hex or base64.
#include <algorithm>
#include <filesystem>

#include "tests/wallet_e2e/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// As it stands, as hex of its characters, and in base64 at each of the three places it can have there.
std::vector<std::string> forms_of(const std::string& secret) {
  std::vector<std::string> out{secret, lower(wire::hex_lower(as_bytes(secret)))};
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string shifted = wire::base64(as_bytes(std::string(before, 'x') + secret));
    const std::size_t first = before == 0 ? 0 : before + 1, whole = (before + secret.size()) / 3 * 4;
    out.push_back(shifted.substr(first, whole - first));
  }
  return out;
}

TEST(WalletCanary, no_card_number_pin_password_or_code_stands_in_anything_the_platform_writes) {
  WalletScene& scene = WalletScene::get();
  Owner owner = scene.owner("modern", "platform");
  scene.register_(owner);
  const std::string code = scene.code_for(owner.number, owner.registration);
  scene.activate(owner);
  scene.login(owner);
  scene.add_card(owner);
  scene.phone_must(owner, scene.order(owner, "C-1", "12.00"));
  scene.phone_must(owner, scene.order(owner, "C-2", "1200.00", {"--critical"}));
  ASSERT_EQ(scene.phone(owner, {"login", "--imei", WalletScene::imei(9002)}).exit_code, 5);
  std::vector<fs::path> files{scene.in("server.log")};
  for (const auto& entry : fs::recursive_directory_iterator(scene.platform()))
    if (entry.is_regular_file() && entry.path().filename() != "sms.jsonl") files.push_back(entry.path());
  const bool log_of_writes = std::ranges::any_of(files, [](const fs::path& path) { return path.string().ends_with("-wal"); });
  EXPECT_TRUE(log_of_writes) << "the database's log of writes is looked at, too";
  std::string everything;
  for (const fs::path& path : files) everything += read_text(path.string());
  const std::string folded = lower(everything);
  ASSERT_NE(everything.find(owner.registration), std::string::npos) << "looked in the wrong place";
  for (const std::string& secret : {owner.card, owner.pin, owner.password, code})
    for (const std::string& form : forms_of(secret)) {
      EXPECT_EQ(everything.find(form), std::string::npos) << secret << " as " << form;
      if (form != secret) continue;
      EXPECT_EQ(folded.find(lower(wire::hex_lower(as_bytes(secret)))), std::string::npos) << secret << " in hex";
    }
}

}  // namespace
}  // namespace tf::test
