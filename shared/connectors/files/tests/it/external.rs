//! Published sample files, where they are at hand.

use crate::{csv, whole};
use config::FilesOptions;
use connector_files::FilesSource;
use ports::Completeness;

#[tokio::test]
async fn the_published_samples_of_entra_are_read_whole() {
    #[expect(clippy::disallowed_methods, reason = "the sample files are outside of the repository")]
    let Ok(folder) = std::env::var("TENURE_EXTERNAL_DATA") else {
        println!("left out: TENURE_EXTERNAL_DATA does not name a folder");
        return;
    };
    for (file, rows) in [("employeeData", 332), ("contractorData", 331)] {
        let url = format!("{folder}/samples/csv/entra_sample1_{file}.csv");
        let options = FilesOptions { url, key: "WorkerID".to_owned(), page_size: 100, ..csv() };
        let whole = whole(&FilesSource::local(options).unwrap()).await.unwrap();
        assert_eq!((whole.records.len(), whole.rejected.len()), (rows, 0), "{file}");
        assert_eq!(whole.completeness, Some(Completeness::Unproven));
    }
}
