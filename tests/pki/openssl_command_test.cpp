// The stock openssl command judges what we make: chains, lists, requests and encrypted keys.
#include "pki/request/certificate_request.hpp"
#include "pki/key_file.hpp"
#include "tests/pki/openssl_command.hpp"

namespace tf::pki::test {
namespace {

class OpenSslCommand : public OpenSslDirectory {
 protected:
  void write_estate(const Estate& estate) {
    write("root.pem", estate.root.certificate.to_pem());
    write("work.pem", estate.work.certificate.to_pem());
    write("device.pem", estate.device.certificate.to_pem());
    write("server.pem", estate.server.certificate.to_pem());
    write("above_device.pem", to_pem(estate.above(estate.device.certificate)));
    write("above_server.pem", estate.operations_ca.certificate.to_pem());
  }
};

const std::string kVerify = "verify -x509_strict -attime 1793491200 -CAfile root.pem ";

TEST_F(OpenSslCommand, accepts_our_chains) {
  for (const Estate* estate : {&rsa_estate(), &p256_estate()}) {
    write_estate(*estate);
    for (const std::string& arguments :
         {std::string("-purpose sslserver -verify_hostname keys.example.org -untrusted above_server.pem server.pem"),
          std::string("-ignore_critical work.pem"),
          std::string("-ignore_critical -untrusted above_device.pem device.pem")}) {
      const Outcome result = run(kVerify + arguments);
      EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.text;
    }
  }
}

TEST_F(OpenSslCommand, stops_at_our_critical_extension) {
  write_estate(p256_estate());
  const Outcome result = run(kVerify + "work.pem");
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.text.find("unhandled critical extension"), std::string::npos) << result.text;
}

TEST_F(OpenSslCommand, does_not_take_a_device_for_a_server) {
  write_estate(p256_estate());
  const Outcome result = run(kVerify + "-ignore_critical -purpose sslserver -untrusted above_device.pem device.pem");
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.text.find("purpose"), std::string::npos) << result.text;
}

TEST_F(OpenSslCommand, accepts_our_lists_and_sees_what_is_revoked) {
  for (const Estate* estate : {&rsa_estate(), &p256_estate()}) {
    write_estate(*estate);
    const Revoked revoked{estate->work.certificate.serial_hex(), RevocationReason::superseded, kNow};
    write("crl.pem", must(issue_crl(estate->root, 3, {revoked}, kNow - 1000, kNow + kDayMs)).to_pem());
    const Outcome list = run("crl -in crl.pem -noout -CAfile root.pem -crlnumber");
    EXPECT_EQ(list.exit_code, 0) << list.text;
    EXPECT_NE(list.text.find("verify OK"), std::string::npos) << list.text;
    EXPECT_NE(list.text.find("crlNumber=0x03"), std::string::npos) << list.text;
    const Outcome work = run(kVerify + "-ignore_critical -crl_check -CRLfile crl.pem work.pem");
    EXPECT_NE(work.text.find("certificate revoked"), std::string::npos) << work.text;
  }
}

TEST_F(OpenSslCommand, accepts_our_requests_and_we_accept_its) {
  write("ours.csr", must(CertificateRequest::make("Ada", p256_estate().device.key)).to_pem());
  EXPECT_EQ(run("req -in ours.csr -noout -verify").exit_code, 0);
  const Outcome made = run(
      "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout theirs.key -subj /CN=Grace -out theirs.csr");
  ASSERT_EQ(made.exit_code, 0) << made.text;
  const auto theirs = must(CertificateRequest::from_pem(as_text(must(read_file(directory_.file("theirs.csr"), 8192)))));
  EXPECT_EQ(theirs.common_name(), "Grace");
  EXPECT_EQ(outcome(private_key_from_pem(must(read_secret_file(directory_.file("theirs.key"), 8192)), nullptr)), "ok");
}

TEST_F(OpenSslCommand, opens_our_encrypted_keys_and_we_open_its) {
  const SecretBytes pass(as_bytes("passphrase"));
  write("ours.key", as_text(must(to_encrypted_pem(p256_estate().device.key, pass)).reveal()));
  EXPECT_EQ(run("pkey -in ours.key -passin pass:passphrase -noout -check").exit_code, 0);
  EXPECT_NE(run("pkey -in ours.key -passin pass:wrong -noout").exit_code, 0);
  const Outcome made =
      run("pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 -in ours.key -passin pass:passphrase"
          " -passout pass:passphrase -out theirs.key");
  ASSERT_EQ(made.exit_code, 0) << made.text;
  const auto theirs = must(private_key_from_pem(must(read_secret_file(directory_.file("theirs.key"), 8192)), &pass));
  EXPECT_EQ(theirs.to_pkcs8(), p256_estate().device.key.to_pkcs8());
}

}  // namespace
}  // namespace tf::pki::test
