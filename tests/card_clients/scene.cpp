#include "tests/card_clients/scene.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/support/local.hpp"

namespace tf::test {
namespace {

constexpr const char* kReader = "Virtual PCD 00 00";

bool reader_says(const std::string& word) {
  const Finished listed = run({"opensc-tool", "-l"});
  return listed.out.contains(word);
}

}  // namespace

ReaderScene::ReaderScene() {
  std::filesystem::create_directories(in("readers"));
  write_text(in("readers/vpcd"), "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID 0x8C7B\n");
  std::filesystem::remove("/run/pcscd/pcscd.comm");
  pcscd_ = std::make_unique<Process>(Process::start({"pcscd", "-f", "--error", "-c", in("readers")}, in("pcscd.log")));
  EXPECT_TRUE(eventually([] { return reader_says("Virtual PCD"); })) << "pcscd with vpcd is needed: " << read_text(in("pcscd.log"));
}

ReaderScene::~ReaderScene() {
  card_.reset();
  if (pcscd_) {
    pcscd_->send(SIGTERM);
    pcscd_->wait(std::chrono::seconds(10));
  }
}

void ReaderScene::make_card(const std::vector<std::string>& words) {
  std::vector<std::string> command{"card", "new", "--directory", in("card"), "--serial", "CARD-0001", "--manufacturer", in("manufacturer")};
  command.insert(command.end(), words.begin(), words.end());
  EXPECT_DONE(trustferry(command));
  insert();
}

void ReaderScene::insert(const std::vector<std::string>& words) {
  std::vector<std::string> command{trustferry_program(), "card", "serve", "--directory", in("card")};
  command.insert(command.end(), words.begin(), words.end());
  card_ = std::make_unique<Process>(Process::start(command, in("card.log")));
  // Present is not yet powered: clients that come between the two do not know the card.
  EXPECT_TRUE(eventually([] { return run({"opensc-tool", "-r", "0", "-n"}).out.contains("Personal Identity"); })) << "no card in the reader: " << read_text(in("card.log"));
}

void ReaderScene::remove() {
  card_->send(SIGTERM);
  EXPECT_EQ(card_->wait(), 0) << read_text(in("card.log"));
  EXPECT_TRUE(eventually([] { return reader_says("No"); }));
}

void ReaderScene::kill_card() {
  card_.reset();
  EXPECT_TRUE(eventually([] { return reader_says("No"); }));
}

Finished ReaderScene::piv_tool(const std::vector<std::string>& words, std::string_view input) const {
  std::vector<std::string> command{"yubico-piv-tool", "-r", kReader};
  command.insert(command.end(), words.begin(), words.end());
  return run(command, input);
}

Finished ReaderScene::pkcs11(const std::vector<std::string>& words) const {
  std::vector<std::string> command{"pkcs11-tool", "--module", kOpenscModule};
  command.insert(command.end(), words.begin(), words.end());
  return run(command);
}

void ReaderScene::make_key(const std::string& slot, const std::string& algorithm, const std::string& common_name) {
  EXPECT_DONE(piv_tool({"-s", slot, "-a", "generate", "-A", algorithm, "-o", in(slot + ".pub")}));
  if (!std::filesystem::exists(in("ca.crt")))
    EXPECT_DONE(run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=card test authority", "-days", "30", "-keyout", in("ca.key"), "-out", in("ca.crt")}));
  EXPECT_DONE(run({"openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", in("other.key"), "-subj", "/CN=" + common_name, "-out", in(slot + ".csr")}));
  write_text(in("extensions"), "extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\n");
  EXPECT_DONE(run({"openssl", "x509", "-req", "-in", in(slot + ".csr"), "-CA", in("ca.crt"), "-CAkey", in("ca.key"), "-CAcreateserial", "-days", "30", "-extfile",
                   in("extensions"), "-force_pubkey", in(slot + ".pub"), "-out", in(slot + ".pem")}));
  EXPECT_DONE(piv_tool({"-s", slot, "-a", "import-certificate", "-i", in(slot + ".pem")}));
}

}  // namespace tf::test
