"""Write a report page or a workbook from the folder of a study."""
